<%inherit file="layout.mako"/>
<%namespace name="a" file="admin_parts.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">Webhook ${hook.name}</%def>
<%def name="width()">wide</%def>
<%def name="aside()">${a.places()}</%def>
<%!
from fmn.text import pluralize
%>
<%def name="outcome(code)">
<% known = outcomes.get(code) %>
## What strangers are told leaves open which of two it is; here it's known.
% if code == "not-found":
${p.state("wrong secret", "bad")}
<span class="quiet">If the forge sent it, enter the secret there again, or rotate it.</span>
% else:
${p.state(code, "bad" if known is None or known.rejected else "good")}
% if known is not None and known.rejected:
<span class="quiet">${known.sentence}</span>
% endif
% endif
</%def>
<p class="eyebrow"><a href="${request.route_path('admin_hooks')}">Webhooks of forges</a></p>
<h1>${hook.name}</h1>
<p class="quiet">${forge}, topics <code>${hook.topic_prefix}.${hook.forge}.…</code>, added by ${hook.created_by}.
Logins there are ${"account names" if hook.logins_are_accounts else "no account names"} here. What is private there is
${"taken, too" if hook.private_too else "not stored"}.
% if not hook.enabled:
${p.state("Disabled", "bad")}
% endif
</p>

<section class="card" aria-labelledby="settings">
<h2 id="settings">At the forge</h2>
<div class="field">
<label for="url">Address</label>
<input class="code" id="url" value="${url}" readonly autocomplete="off" spellcheck="false">
</div>
% if secret:
<div class="field">
<label for="secret">Copy the secret now. You won’t see it again</label>
<p class="hint" id="secret-hint">Anyone who has it can send messages to everybody here. If it leaks, rotate it.</p>
<input class="code" id="secret" value="${secret}" readonly aria-describedby="secret-hint" autocomplete="off" spellcheck="false">
</div>
<p>Choose <code>application/json</code> as content type, and the events that people should be able to hear of.</p>
% endif
% if hook.previous_until and hook.previous_until > now:
<p class="notice">The secret before this one is valid until ${time_after_preposition(request, hook.previous_until)}.</p>
% endif
<div class="tools">
${p.act(request.route_path("admin_hook_action", name=hook.name, action="rotate"), "Rotate secret", hidden={"generation": hook.generation})}
% if hook.enabled:
${p.act(request.route_path("admin_hook_action", name=hook.name, action="disable"), "Disable")}
% else:
${p.act(request.route_path("admin_hook_action", name=hook.name, action="enable"), "Enable")}
% endif
${p.act(request.route_path("admin_hook_action", name=hook.name, action="remove"), "Remove", kind="button danger small")}
</div>
<p class="hint">After a rotation the secret before stays valid for ${pluralize(hours, "hour")}.</p>
</section>

<h2>Last deliveries</h2>
% if deliveries:
<div class="scrolls" tabindex="0" role="region" aria-label="Last deliveries">
<table>
<thead><tr><th>Time</th><th>Outcome</th><th>Event</th><th>Delivery</th><th class="number">Bytes</th></tr></thead>
<tbody>
% for each in deliveries:
<tr><td class="when">${time_after_preposition(request, each.received_at)}</td><td>${outcome(each.outcome)}</td><td>${each.event}</td><td><code>${each.delivery_id}</code></td><td class="number">${each.size}</td></tr>
% endfor
</tbody>
</table>
</div>
% else:
${p.empty("No deliveries yet", "Most forges have a button that sends a test delivery.")}
% endif
