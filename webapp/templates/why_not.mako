<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%namespace name="v" file="verdict_parts.mako"/>
<%!
from fmn.text import one_line
%>
<%def name="title()">Why didn’t I get this?</%def>

<h1>Why didn’t I get this?</h1>
<p class="lead">Name a message of the bus, and see whether you were notified, and if not, what kept it from you.</p>
<form method="get" action="${request.route_path('why_not')}" role="search" class="finder">
<label for="q">Message</label>
<p class="hint" id="q-hint">A message’s id, or a link to it: from an archive such as datagrepper, or a “Why you got this” link from somebody else’s notification</p>
<div class="finder-line">
<input id="q" name="q" type="search" value="${wanted}" maxlength="2000" required aria-describedby="q-hint">
<button class="button">Find out</button>
</div>
</form>

% if wanted and not answers:
<%p:empty title="FMN has no such message" words="${f'Messages are kept for {days} days. Check that all of the id or link is there.'}">
<p>If the message is newer than that, FMN missed it, or is just catching up: try again later, or tell whoever runs FMN.</p>
</%p:empty>
% endif
% for number, it in enumerate(answers, 1):
<article aria-labelledby="message-${number}">
<h2 id="message-${number}">${it.described.summary}</h2>
<p class="quiet">${it.described.application}, ${time_element(request, it.described.sent_at)}<br>
<code>${one_line(it.msg_id)}</code></p>
<p>${p.state("Notified", "good") if it.sent else p.state("Not notified")}
% if it.sent:
You were notified of this message. \
% if it.missed:
Below is also what kept it from your other channels.
% endif
% elif it.problem:
${it.problem}
% else:
Nothing was sent to you, and nothing will be.
% endif
</p>
% if it.sent and it.problem:
<p class="notice">${it.problem}</p>
% endif
% if it.sent:
% for line in it.sent:
<section aria-labelledby="sent-${line.id}">
<h3 id="sent-${line.id}">By ${line.by}</h3>
<p>\
% if line.filter_name:
Your filter <a href="${request.route_path('filter', filter_id=line.filter_id)}">${line.filter_name}</a> let it through. \
% else:
A filter that has been deleted since let it through. \
% endif
<a href="${request.links.why(line.public_id)}">Why you got this</a></p>
% if line.late:
<p class="quiet">${line.late}</p>
% endif
% for status in line.delivery_statuses:
<p>${p.state(status.word, status.kind)} ${status.rest}</p>
% endfor
</section>
% endfor
% endif
% if not (it.sent or it.missed or it.problem):
<p>You have no filters. <a href="${request.route_path('welcome')}">Choose what to be notified about</a></p>
% endif
% for each in it.missed:
<section aria-labelledby="message-${number}-${each.context}">
<h3 id="message-${number}-${each.context}">Not by ${each.by}</h3>
% for reason in each.reasons:
<p>${reason}</p>
% endfor
% if not each.enabled:
<p><a href="${request.route_path('preference', context=each.context)}">Switch it on</a></p>
% endif
% if each.muted:
<p><a href="${request.route_path('mutes')}">Unmute it</a></p>
% endif
% if not each.filters:
<p><a href="${request.route_path('filter_new', context=each.context)}">Add a filter</a></p>
% else:
<ul class="rows">
% for one in each.filters:
<li>
<h4><a href="${request.route_path('filter', filter_id=one.id)}">${one.name}</a></h4>
<p>${one.sentence}</p>
% if one.refusal is not None:
<ul class="verdict">
${v.judged(one.refusal)}
</ul>
% endif
</li>
% endfor
</ul>
% endif
</section>
% endfor
</article>
% endfor
