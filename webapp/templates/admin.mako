<%inherit file="layout.mako"/>
<%namespace name="a" file="admin_parts.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">Status</%def>
<%def name="width()">wide</%def>
<%def name="aside()">${a.places()}</%def>
<%!
from fmn.text import pluralize, sentence
from fmn.delivery.notification_text import minute
from webapp.context_names import context_name
%>
<h1>Status</h1>
<h2>Pending</h2>
<div class="scrolls" tabindex="0" role="region" aria-label="Pending">
<table>
<thead><tr><th>Work</th><th class="number">Count</th><th>Oldest</th></tr></thead>
<tbody>
<tr><td>Messages to match</td><td class="number">${it.unmatched}</td><td class="when">${minute(it.unmatched_since) if it.unmatched_since else ""}</td></tr>
<tr><td>Notifications for a digest</td><td class="number">${it.for_digests}</td><td></td></tr>
% for each in it.backlogs:
<tr><td>Deliveries by ${context_name(each.context)}</td><td class="number">${each.waiting}</td><td class="when">${minute(each.oldest) if each.oldest else ""}</td></tr>
% endfor
</tbody>
</table>
</div>
% if it.quarantined:
<p class="notice">${pluralize(it.quarantined, "message")} crashed workers and ${"is" if it.quarantined == 1 else "are"} quarantined. To list quarantined messages, run <code>fmn messages list</code> on an FMN host. After fixing the cause, run <code>fmn messages requeue</code>.</p>
% endif
% if overspent:
<p class="notice">In the last 24 hours FMN switched off filters that exceeded their owner’s CPU budget. The owners were told, and you don’t need to do anything: \
% for nick in overspent:
<a href="${request.route_path('admin_person', nick=nick)}">${nick}</a>${"" if loop.last else ", "}\
% endfor
.</p>
% endif
% if catalog_problems:
<h2>Files of event types</h2>
<p>Fix these files. FMN reads them again within seconds.</p>
<ul>
% for each in catalog_problems:
<li><code>${each}</code></li>
% endfor
</ul>
% endif

<h2>Queues</h2>
% if queues_problem:
<p class="notice">${sentence(queues_problem)}</p>
% elif queues:
<div class="scrolls" tabindex="0" role="region" aria-label="Queues">
<table>
<thead><tr><th>Queue</th><th class="number">Pending tasks</th><th class="number">Consumers</th></tr></thead>
<tbody>
% for each in queues:
<tr><td><code>${each.name}</code></td><td class="number">${each.waiting}</td><td class="number">${each.processes}\
% if not each.processes:
 ${p.state("no consumer", "bad")}\
% endif
</td></tr>
% endfor
</tbody>
</table>
</div>
% else:
${p.empty("No queues yet", "Each queue is created when the first process that consumes it starts.")}
% endif

<h2>Failed deliveries</h2>
% if failures:
${a.failed(failures[:5], None)}
<p><a href="${request.route_path('admin_deliveries')}">Retry or discard failed deliveries</a></p>
% else:
${p.empty("No failed deliveries", "Deliveries that fail for good are listed here by reason.")}
% endif

<h2>Unknown topics</h2>
% if topics:
${a.topics(topics[:5])}
<p><a href="${request.route_path('admin_topics')}">All unknown topics</a></p>
% else:
${p.empty("No unknown topics", "Messages of unknown topics are sent with a generic text.")}
% endif
