## What administrators' pages share.
<%namespace name="layout" file="layout.mako"/>
<%def name="places()">
<nav class="places" aria-label="Administration">
${layout.place("admin", "How it stands")}
${layout.place("admin_people", "People")}
${layout.place("admin_deliveries", "Failed deliveries")}
${layout.place("admin_topics", "Unknown topics")}
${layout.place("admin_audit", "Audit log")}
</nav>
</%def>

<%def name="failed(failures, act)">
<div class="scrolls" tabindex="0" role="region" aria-label="Failed deliveries">
<table>
<thead><tr><th>Why</th><th>Channel</th><th class="number">How many</th><th>Last</th>\
% if act:
<th><span class="hidden">What to do</span></th>\
% endif
</tr></thead>
<tbody>
% for each in failures:
<tr><td>${each.reason or "no reason was given"}</td><td>${each.context}</td><td class="number">${each.count}</td><td>${minute(each.last) if each.last else ""}</td>\
% if act:
<td>${act(each)}</td>\
% endif
</tr>
% endfor
</tbody>
</table>
</div>
</%def>

<%def name="topics(found)">
<div class="scrolls" tabindex="0" role="region" aria-label="Topics">
<table>
<thead><tr><th>Topic</th><th class="number">How many</th><th>Last</th></tr></thead>
<tbody>
% for each in found:
<tr><td><code>${each.topic}</code></td><td class="number">${each.count}</td><td>${minute(each.last)}</td></tr>
% endfor
</tbody>
</table>
</div>
</%def>
<%!
from fmn.delivery.notes import minute
%>
