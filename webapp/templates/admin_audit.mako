<%inherit file="layout.mako"/>
<%namespace name="a" file="admin_parts.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">Audit log</%def>
<%def name="width()">wide</%def>
<%def name="aside()">${a.places()}</%def>
<%!
%>
<h1>Audit log</h1>
<p class="lead">Administrators’ actions on other people’s accounts${f", here on {subject}" if subject else ""}.</p>
% if subject:
<p><a href="${request.route_path('admin_audit')}">Full log</a></p>
% endif
% if entries:
<div class="scrolls" tabindex="0" role="region" aria-label="Audit log">
<table>
<thead><tr><th>Time</th><th>Administrator</th><th>Action</th><th>Account</th><th>Details</th></tr></thead>
<tbody>
% for each in entries:
<tr><td class="when">${time_after_preposition(request, each.happened_at)}</td><td>${each.actor}</td><td>${each.action}</td><td>${each.subject}</td>
<td>${"; ".join(f"{name}: {value}" for name, value in each.details.items())}</td></tr>
% endfor
</tbody>
</table>
</div>
% if next:
<p class="pages"><a href="${request.route_path('admin_audit', _query={'before': next, 'subject': subject})}">Older</a></p>
% endif
% else:
${p.empty("No entries yet", "Views of other people’s preferences, stopped filters and retried or discarded deliveries are logged here.")}
% endif
