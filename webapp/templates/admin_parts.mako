## What administrators' pages share.
<%namespace name="layout" file="layout.mako"/>
<%def name="places()">
<nav aria-label="Administration">
${layout.place("admin", "Status", "activity")}
${layout.place("admin_people", "People", "users")}
${layout.place("admin_deliveries", "Failed deliveries", "circle-alert")}
${layout.place("admin_trace", "Trace a message", "search")}
${layout.place("admin_topics", "Unknown topics", "circle-question-mark")}
${layout.place("admin_unreadable", "Unreadable messages", "file-text")}
${layout.place("admin_hooks", "Webhooks", "webhook")}
${layout.place("admin_audit", "Audit log", "history")}
</nav>
</%def>

<%def name="failed(failures, act, when='last')">
<ul class="rows">
% for each in failures:
<li>
<p>${each.reason or "No reason given."}</p>
<p class="quiet">${pluralize(each.count, "delivery", "deliveries")} by ${context_name(each.context)}\
% if each.last:
, ${when} ${time_element(request, each.last)}\
% endif
</p>
% if act:
${act(each)}
% endif
</li>
% endfor
</ul>
</%def>

<%def name="topics(found)">
<div class="scrolls" tabindex="0" role="region" aria-label="Topics">
<table>
<thead><tr><th>Topic</th><th class="number">Messages</th><th>Last seen</th></tr></thead>
<tbody>
% for each in found:
<tr><td><code>${each.topic}</code></td><td class="number">${each.count}</td><td class="when">${time_after_preposition(request, each.last)}</td></tr>
% endfor
</tbody>
</table>
</div>
</%def>
<%!
from fmn.text import pluralize
from webapp.context_names import context_name
%>
