<%inherit file="layout.mako"/>
<%namespace name="a" file="admin_parts.mako"/>
<%namespace name="p" file="parts.mako"/>
<%!
from fmn.channels import mask_address
from fmn.ledger.reasons import reason_text
from fmn.localized import number_text
from fmn.translations import gettext, mark
from webapp.context_names import context_heading

#: States of deliveries, after their number.
STATES = {"sent": mark("sent"), "waiting": mark("pending"), "failed": mark("failed"), "dropped": mark("not sent")}


def since(request, user):
    """When somebody joined and signed in."""
    joined = day_element(request, user.created_at)
    if user.signed_in_at is None:
        return fill(gettext("Member since {joined}, never signed in."), joined=joined)
    return fill(gettext("Member since {joined}, last signed in on {date}."), joined=joined,
                date=day_element(request, user.signed_in_at))
%>
<%def name="title()">${it.user.nick}</%def>
<%def name="width()">wide</%def>
<%def name="aside()">${a.places()}</%def>
<h1>${it.user.nick}</h1>
<p class="quiet">${since(request, it.user)}
${fill(_("Your visit to this page is in the {link}audit log{end}."), link=link(request.route_path("admin_audit", _query={"subject": it.user.nick})))}</p>
% for settings in it.settings:
<section aria-labelledby="${settings.preference.context}">
<h2 id="${settings.preference.context}">${context_heading(settings.preference.context)} ${p.state(_("on"), "good") if settings.preference.enabled else p.state(_("off"))}</h2>
% if settings.preference.detail_values:
<ul class="plain">
% for address in settings.preference.detail_values:
<li>${mask_address(settings.preference.context, address.value)} ${p.state(_("confirmed"), "good") if address.confirmed_at else p.state(_("stopped") if address.off_at else _("not confirmed"), "bad")}
% if address.off_at and not address.confirmed_at:
<span class="quiet">${fill(_("since {date}: {reason}"), date=day_element(request, address.off_at), reason=reason_text(address.off_reason))}</span>
% endif
</li>
% endfor
</ul>
% else:
<p class="quiet">${_("No address.")}</p>
% endif
<p class="figures"><span>${fill(ngettext("{number} notification in the last {days} days; deliveries:", "{number} notifications in the last {days} days; deliveries:", settings.heard), number=bold(number_text(settings.heard)), days=days)}</span>
% for state, count in settings.states.items():
<span><b>${number_text(count)}</b> ${_(STATES[state])}</span>
% endfor
</p>
% if settings.filters:
<ol class="rows">
% for each in settings.filters:
<li>
<div class="split"><h3>${each.name}</h3>${p.state(_("on"), "good") if each.enabled else p.state(_("off"))}</div>
<p><code>${written[each.id]}</code></p>
% if each.stop_reason:
<p class="quiet">${_("Note to the owner: {note}").format(note=each.stop_reason)}</p>
% endif
% if each.enabled:
<details>
<summary>${_("Stop this filter")}</summary>
<form method="post" action="${request.route_path('admin_filter_stop', filter_id=each.id)}">
${p.token()}
<input type="hidden" name="nick" value="${it.user.nick}">
<div class="field">
<label for="note-${each.id}">${_("Note to {nick}").format(nick=it.user.nick)}</label>
<p class="hint" id="note-${each.id}-hint">${_("Say what’s wrong and what to change before switching the filter on again.")}</p>
<textarea id="note-${each.id}" name="note" required maxlength="1000" aria-describedby="note-${each.id}-hint"></textarea>
</div>
<button class="button danger">${_("Stop “{name}”").format(name=each.name)}</button>
</form>
</details>
% endif
</li>
% endfor
</ol>
% else:
${p.empty(_("No filters"), _("This channel sends nothing."))}
% endif
</section>
% endfor
