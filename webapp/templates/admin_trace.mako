<%inherit file="layout.mako"/>
<%namespace name="a" file="admin_parts.mako"/>
<%namespace name="p" file="parts.mako"/>
<%!
from fmn.administration import message_trace_text as text
from fmn.text import capital, one_line, pluralize, sentence

KINDS = {"sent": "good", "failed": "bad"}
%>
<%def name="title()">Trace a message</%def>
<%def name="width()">wide</%def>
<%def name="aside()">${a.places()}</%def>
<h1>Trace a message</h1>
<form method="get" action="${request.route_path('admin_trace')}" role="search">
${p.field("q", "Message", wanted, kind="search", hint="A message’s id, or a link to it", maxlength=2000)}
${p.field("user", "Person", nick, hint="An account’s name, to show what is recorded for one person only", problem="Nobody here is called that." if unknown_nick else "", maxlength=200)}
<button class="button">Trace</button>
</form>
% if wanted and not traces and not unknown_nick:
${p.empty("No such message", f"Check the id. Messages are kept for {days} days. If the bus had the message and FMN missed it, “fmn catchup --since” on one of FMN’s hosts asks for it.")}
% endif
% for number, it in enumerate(traces, 1):
<section aria-labelledby="message-${number}">
<h2 id="message-${number}"${english()}>${it.summary}</h2>
<div class="scrolls" tabindex="0" role="region" aria-label="Message ${number}">
<table>
<tbody>
<tr><th scope="row">Message</th><td><code>${one_line(it.msg_id)}</code></td></tr>
<tr><th scope="row">Topic</th><td><code>${one_line(it.topic)}</code></td></tr>
<tr><th scope="row">Signed by</th><td>${it.signer or "nobody"}</td></tr>
% for name, words in text.steps(it):
<tr><th scope="row">${name}</th><td>${capital(words)}</td></tr>
% endfor
</tbody>
</table>
</div>
<h3>Notified: ${pluralize(it.people, "person", "people")}</h3>
% if it.counts:
<ul>
% for by, counts in text.count_lines(it):
<li>By ${by}: ${counts}</li>
% endfor
</ul>
% endif
% if it.notifications:
<ul class="rows">
% for one in it.notifications:
<li>
<p><a href="${request.route_path('admin_person', nick=one.nick)}"><b>${one.nick}</b></a> by ${one.context}</p>
<p class="quiet">${capital(text.cause(one))}</p>
% for state, words in text.outcomes(one):
<p>${p.state(capital(state), KINDS.get(state, ""))} ${words}</p>
% endfor
</li>
% endfor
</ul>
% elif it.nick:
${p.empty(f"Nothing is recorded for {it.nick}", f"On one of FMN’s hosts, “fmn why {it.nick} {it.msg_id}” lists the first rule of each filter that said no.")}
% endif
% if it.muted or it.muted_problem:
<h3>Muted now</h3>
<p class="quiet">${text.muted_summary(it)}</p>
% if it.muted:
<ul class="rows">
% for muted in it.muted:
<li>
<p><a href="${request.route_path('admin_person', nick=muted.nick)}"><b>${muted.nick}</b></a></p>
<p>${sentence(text.muted_text(muted))}</p>
</li>
% endfor
</ul>
% if it.more_muted:
<p>More people than these have it muted. Name one above, or run “fmn trace --all”.</p>
% endif
% endif
% endif
</section>
% endfor
% if next:
<p class="pages"><a href="${request.route_path('admin_trace', _query={'q': wanted, 'user': nick, 'after': next})}">More notifications</a></p>
% endif
% if traces:
<p class="quiet">This is recorded in the <a href="${request.route_path('admin_audit')}">audit log</a>. Answers to what was sent are in the backends’ logs, in the lines “deliveries recorded”.</p>
% endif
