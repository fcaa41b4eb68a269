<%inherit file="layout.mako"/>
<%namespace name="a" file="admin_parts.mako"/>
<%namespace name="p" file="parts.mako"/>
<%! from fmn.administration.audit_log import describe_details %>
<%def name="title()">${_("Audit log")}</%def>
<%def name="width()">wide</%def>
<%def name="aside()">${a.places()}</%def>
<h1>${_("Audit log")}</h1>
<p class="lead">${_("Administrators’ actions on other people’s accounts, here on {nick}.").format(nick=subject) if subject else _("Administrators’ actions on other people’s accounts.")}</p>
% if subject:
<p><a href="${request.route_path('admin_audit')}">${_("Full log")}</a></p>
% endif
% if entries:
<div class="scrolls" tabindex="0" role="region" aria-label="${_('Audit log')}">
<table>
<thead><tr><th>${_("Time")}</th><th>${_("Administrator")}</th><th>${_("Action")}</th><th>${_("Account")}</th><th>${_("Details")}</th></tr></thead>
<tbody>
% for each in entries:
<tr><td class="when">${time_after_preposition(request, each.happened_at)}</td><td>${each.actor}</td><td>${_(each.action)}</td><td>${each.subject}</td>
<td class="wide">${describe_details(each.details)}</td></tr>
% endfor
</tbody>
</table>
</div>
% if next:
<p class="pages"><a href="${request.route_path('admin_audit', _query={'before': next, 'subject': subject})}">${_("Older")}</a></p>
% endif
% else:
${p.empty(_("No entries yet"), _("Views of other people’s preferences, stopped filters and retried or discarded deliveries are logged here."))}
% endif
