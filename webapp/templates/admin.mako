<%inherit file="layout.mako"/>
<%namespace name="a" file="admin_parts.mako"/>
<%namespace name="c" file="charts.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">${_("Status")}</%def>
<%def name="width()">wide</%def>
<%def name="aside()">${a.places()}</%def>
<%!
from fmn.text import sentence
from fmn.localized import number_text
from webapp.context_names import context_name
from webapp.literals import with_literals

#: What stands where there's nothing to tell.
NONE = "–"
%>
<%def name="oldest(moment)">${time_after_preposition(request, moment) if moment else NONE}</%def>
<h1>${_("Status")}</h1>
<section class="${'card health bad' if verdict.problems else 'card health'}" aria-labelledby="verdict">
<h2 id="verdict">${p.icon("circle-x" if verdict.problems else "circle-check")} ${verdict.headline}</h2>
% if verdict.problems:
<ul>
% for each in verdict.sentences:
<li>${with_literals(each)}</li>
% endfor
</ul>
% endif
</section>

<h2>${_("Figures")}</h2>
<nav class="tabs" aria-label="${_('Time')}">
% for each in spans:
<a href="${request.route_path('admin', _query={'span': each.key})}"${' aria-current="page"' if each is span else '' | n}>${_(each.name)}</a>
% endfor
</nav>
<p class="quiet">${_("Times are in {zone}.").format(zone=zone)}</p>
<div class="charts">
% for each in charts:
<section class="card" aria-labelledby="chart-${each.key}">
<h3 id="chart-${each.key}">${each.heading}</h3>
${c.chart(each.chart, each.words, _("From"))}
</section>
% endfor
</div>

<h2>${_("Retries")}</h2>
% if ledger and ledger.retries:
${a.failed(ledger.retries, None, retried=True)}
% else:
<p class="quiet">${_("No delivery is being retried.")}</p>
% endif

<h2>${_("Failed deliveries")}</h2>
% if failures:
${a.failed(failures[:5], None)}
<p><a href="${request.route_path('admin_deliveries')}">${_("Retry or discard failed deliveries")}</a></p>
% else:
<p class="quiet">${_("No failed deliveries.")}</p>
% endif

% if ledger:
<h2>${_("Pending")}</h2>
<div class="scrolls" tabindex="0" role="region" aria-label="${_('Pending')}">
<table>
<thead><tr><th>${_("Work")}</th><th class="number">${_("Count")}</th><th class="number">${_("Due")}</th><th>${_("Oldest")}</th></tr></thead>
<tbody>
<tr><td>${_("Messages to match")}</td><td class="number">${number_text(ledger.standing.unmatched)}</td><td class="number">${NONE}</td><td class="when">${oldest(ledger.standing.unmatched_since)}</td></tr>
<tr><td>${_("Notifications for a digest")}</td><td class="number">${number_text(ledger.standing.for_digests)}</td><td class="number">${NONE}</td><td class="when">${NONE}</td></tr>
% for each in ledger.standing.backlogs:
<tr><td>${_("Deliveries by {channel}").format(channel=context_name(each.context))}</td><td class="number">${number_text(each.waiting)}</td><td class="number">${number_text(each.due)}</td><td class="when">${oldest(each.oldest)}</td></tr>
% endfor
</tbody>
</table>
</div>
% if ledger.overspent:
<p class="notice">${_("In the last 24 hours FMN switched off filters that exceeded their owner’s CPU budget. The owners were told, and you don’t need to do anything:")} \
% for nick in ledger.overspent:
<a href="${request.route_path('admin_person', nick=nick)}">${nick}</a>${"" if loop.last else ", "}\
% endfor
.</p>
% endif
% endif

<h2>${_("Queues")}</h2>
% if queues:
<div class="scrolls" tabindex="0" role="region" aria-label="${_('Queues')}">
<table>
<thead><tr><th>${_("Queue")}</th><th class="number">${_("Pending tasks")}</th><th class="number">${_("Consumers")}</th><th class="number">${_("Dead letters")}</th></tr></thead>
<tbody>
% for each in queues:
<tr><td><code>${each.name}</code></td><td class="number">${number_text(each.waiting)}</td><td class="number">${each.processes}\
% if not each.processes:
 ${p.state(_("no consumer"), "bad")}\
% endif
</td><td class="number">${number_text(each.quarantined)}</td></tr>
% endfor
</tbody>
</table>
</div>
% elif verdict.status.queues_problem:
<p class="notice">${with_literals(sentence(verdict.status.queues_problem))}</p>
% else:
<p class="quiet">${_("No queues yet. Each is created when the first process that consumes it starts.")}</p>
% endif

<h2>${_("Unknown topics")}</h2>
% if topics:
${a.topics(topics[:5])}
<p><a href="${request.route_path('admin_topics')}">${_("All unknown topics")}</a></p>
% else:
<p class="quiet">${_("No unknown topics. Messages of unknown topics are sent with a generic text.")}</p>
% endif
