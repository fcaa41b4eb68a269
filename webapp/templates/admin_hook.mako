<%inherit file="layout.mako"/>
<%namespace name="a" file="admin_parts.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">${_("Webhook {name}").format(name=hook.name)}</%def>
<%def name="width()">wide</%def>
<%def name="aside()">${a.places()}</%def>
<%!
from fmn.localized import number_text
%>
<%def name="outcome(code)">
<% known = outcomes.get(code) %>
## What strangers are told leaves open which of two it is; here it's known.
% if code == "not-found":
${p.state(_("wrong secret"), "bad")}
<span class="quiet">${_("If the forge sent it, enter the secret there again, or rotate it.")}</span>
% else:
${p.state(in_english(code), "bad" if known is None or known.rejected else "good")}
% if known is not None and known.rejected:
<span class="quiet">${_(known.sentence)}</span>
% endif
% endif
</%def>
<p class="eyebrow"><a href="${request.route_path('admin_hooks')}">${_("Webhooks of forges")}</a></p>
<h1>${hook.name}</h1>
<p class="quiet">${fill(_("{forge}, topics {topics}, added by {nick}."), forge=_(forge), topics=literal(f"{hook.topic_prefix}.{hook.forge}.…"), nick=hook.created_by)}
${_("Logins there are account names here.") if hook.logins_are_accounts else _("Logins there are no account names here.")}
${_("What is private there is taken, too.") if hook.private_too else _("What is private there is not stored.")}
% if not hook.enabled:
${p.state(_("Disabled"), "bad")}
% endif
</p>

<section class="card" aria-labelledby="settings">
<h2 id="settings">${_("At the forge")}</h2>
<div class="field">
<label for="url">${_("Address")}</label>
<input class="code" id="url" value="${url}" readonly autocomplete="off" spellcheck="false">
</div>
% if secret:
<div class="field">
<label for="secret">${_("Copy the secret now. You won’t see it again")}</label>
<p class="hint" id="secret-hint">${_("Anyone who has it can send messages to everybody here. If it leaks, rotate it.")}</p>
<input class="code" id="secret" value="${secret}" readonly aria-describedby="secret-hint" autocomplete="off" spellcheck="false">
</div>
<p>${fill(_("Choose {type} as content type, and the events that people should be able to hear of."), type=literal("application/json"))}</p>
% endif
% if hook.previous_until and hook.previous_until > now:
<p class="notice">${fill(_("The secret before this one is valid until {when}."), when=time_after_preposition(request, hook.previous_until))}</p>
% endif
<div class="tools">
${p.act(request.route_path("admin_hook_action", name=hook.name, action="rotate"), _("Rotate secret"), hidden={"generation": hook.generation})}
% if hook.enabled:
${p.act(request.route_path("admin_hook_action", name=hook.name, action="disable"), _("Disable"))}
% else:
${p.act(request.route_path("admin_hook_action", name=hook.name, action="enable"), _("Enable"))}
% endif
${p.act(request.route_path("admin_hook_action", name=hook.name, action="remove"), _("Remove"), kind="button danger small")}
</div>
<p class="hint">${ngettext("After a rotation the secret before stays valid for {n} hour.", "After a rotation the secret before stays valid for {n} hours.", hours).format(n=number_text(hours))}</p>
</section>

<h2>${_("Last deliveries")}</h2>
% if deliveries:
<div class="scrolls" tabindex="0" role="region" aria-label="${_('Last deliveries')}">
<table>
<thead><tr><th>${_("Time")}</th><th>${_("Outcome")}</th><th>${_("Event")}</th><th>${_("Delivery")}</th><th class="number">${_("Bytes")}</th></tr></thead>
<tbody>
% for each in deliveries:
<tr><td class="when">${time_after_preposition(request, each.received_at)}</td><td>${outcome(each.outcome)}</td><td${english()}>${each.event}</td><td><code>${each.delivery_id}</code></td><td class="number">${number_text(each.size)}</td></tr>
% endfor
</tbody>
</table>
</div>
% else:
${p.empty(_("No deliveries yet"), _("Most forges have a button that sends a test delivery."))}
% endif
