<%inherit file="layout.mako"/>
<%namespace name="a" file="admin_parts.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">How it stands</%def>
<%def name="width()">wide</%def>
<%!
from fmn.text import pluralize, sentence
from fmn.delivery.notification_text import minute
from webapp.context_names import context_name
%>
${a.places()}
<h1>How it stands</h1>
<h2>What waits</h2>
<div class="scrolls" tabindex="0" role="region" aria-label="What waits">
<table>
<thead><tr><th>What</th><th class="number">How many</th><th>Oldest since</th></tr></thead>
<tbody>
<tr><td>Messages to be matched</td><td class="number">${it.unmatched}</td><td class="when">${minute(it.unmatched_since) if it.unmatched_since else ""}</td></tr>
<tr><td>Notifications for a digest</td><td class="number">${it.for_digests}</td><td></td></tr>
% for each in it.backlogs:
<tr><td>Deliveries by ${context_name(each.context)}</td><td class="number">${each.waiting}</td><td class="when">${minute(each.oldest) if each.oldest else ""}</td></tr>
% endfor
</tbody>
</table>
</div>
% if it.quarantined:
<p class="notice">Workers died of ${pluralize(it.quarantined, "message")}, so nobody tries to match ${"it" if it.quarantined == 1 else "them"} any more. On a host of FMN’s, <code>fmn messages list</code> says which; once the cause is mended, <code>fmn messages requeue</code> has another try.</p>
% endif
% if overspent:
<p class="notice">Filters were switched off within a day that took more computing time than one person’s may. Their owners know why, and nothing needs to be done: \
% for nick in overspent:
<a href="${request.route_path('admin_person', nick=nick)}">${nick}</a>${"" if loop.last else ", "}\
% endfor
.</p>
% endif

<h2>Queues</h2>
% if queues_problem:
<p class="notice">${sentence(queues_problem)}</p>
% elif queues:
<div class="scrolls" tabindex="0" role="region" aria-label="Queues">
<table>
<thead><tr><th>Queue</th><th class="number">Tasks waiting</th><th class="number">Processes at work</th></tr></thead>
<tbody>
% for each in queues:
<tr><td><code>${each.name}</code></td><td class="number">${each.waiting}</td><td class="number">${each.processes}\
% if not each.processes:
 ${p.state("nobody works on it", "bad")}\
% endif
</td></tr>
% endfor
</tbody>
</table>
</div>
% else:
${p.empty("There are no queues yet", "They are made when the first process starts that takes from them.")}
% endif

<h2>Failed deliveries</h2>
% if failures:
${a.failed(failures[:5], None)}
<p><a href="${request.route_path('admin_deliveries')}">Retry them or give them up</a></p>
% else:
${p.empty("Nothing has failed", "What can’t be delivered is listed here by its reason.")}
% endif

<h2>Topics that the catalogue doesn’t know</h2>
% if topics:
${a.topics(topics[:5])}
<p><a href="${request.route_path('admin_topics')}">All of them</a></p>
% else:
${p.empty("The catalogue knows everything that came", "Messages that it doesn’t know are sent with a generic text.")}
% endif
