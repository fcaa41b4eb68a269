<%inherit file="layout.mako"/>
<%namespace name="a" file="admin_parts.mako"/>
<%namespace name="p" file="parts.mako"/>
<%!
from fmn.channels import mask_address
from webapp.context_names import context_heading
from webapp.inbox.search_form import STATES
%>
<%def name="title()">${it.user.nick}</%def>
<%def name="width()">wide</%def>
<%def name="aside()">${a.places()}</%def>
<h1>${it.user.nick}</h1>
<p class="quiet">Member since ${f"{it.user.created_at:%Y-%m-%d}"}${f", last signed in on {it.user.signed_in_at:%Y-%m-%d}" if it.user.signed_in_at else ", never signed in"}. Your visit to this page is in the
<a href="${request.route_path('admin_audit', _query={'subject': it.user.nick})}">audit log</a>.</p>
% for settings in it.settings:
<section aria-labelledby="${settings.preference.context}">
<h2 id="${settings.preference.context}">${context_heading(settings.preference.context)} ${p.state("on", "good") if settings.preference.enabled else p.state("off")}</h2>
<p>
% for address in settings.preference.detail_values:
${mask_address(settings.preference.context, address.value)} ${p.state("confirmed", "good") if address.confirmed_at else p.state("stopped" if address.off_at else "not confirmed", "bad")}
% if address.off_at and not address.confirmed_at:
<span class="quiet">since ${f"{address.off_at:%Y-%m-%d}"}: ${address.off_reason}</span>
% endif
% endfor
% if not settings.preference.detail_values:
No address.
% endif
</p>
<p class="figures"><span><b>${settings.heard}</b> notifications in the last ${days} days; deliveries:</span>
% for state, count in settings.states.items():
<span><b>${count}</b> ${STATES[state].lower()}</span>
% endfor
</p>
% if settings.filters:
<ol class="rows">
% for each in settings.filters:
<li>
<div class="split"><h3>${each.name}</h3>${p.state("on", "good") if each.enabled else p.state("off")}</div>
<p><code>${written[each.id]}</code></p>
% if each.stop_reason:
<p class="quiet">Note to the owner: ${each.stop_reason}</p>
% endif
% if each.enabled:
<details>
<summary>Stop this filter</summary>
<form method="post" action="${request.route_path('admin_filter_stop', filter_id=each.id)}">
${p.token()}
<input type="hidden" name="nick" value="${it.user.nick}">
<div class="field">
<label for="note-${each.id}">Note to ${it.user.nick}</label>
<p class="hint" id="note-${each.id}-hint">Say what’s wrong and what to change before switching the filter on again.</p>
<textarea id="note-${each.id}" name="note" required maxlength="1000" aria-describedby="note-${each.id}-hint"></textarea>
</div>
<button class="button danger">Stop “${each.name}”</button>
</form>
</details>
% endif
</li>
% endfor
</ol>
% else:
${p.empty("No filters", "This channel sends nothing.")}
% endif
</section>
% endfor
