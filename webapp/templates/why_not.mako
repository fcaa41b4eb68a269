<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%namespace name="v" file="verdict_parts.mako"/>
<%!
from fmn.text import one_line
%>
<%def name="title()">${_("Why didn’t I get this?")}</%def>

<h1>${_("Why didn’t I get this?")}</h1>
<p class="lead">${_("Name a message of the bus, and see whether you were notified, and if not, what kept it from you.")}</p>
<form method="get" action="${request.route_path('why_not')}" role="search" class="finder">
<label for="q">${_("Message")}</label>
<p class="hint" id="q-hint">${_("A message’s id, or a link to it: from an archive such as datagrepper, or a “Why you got this” link from somebody else’s notification")}</p>
<div class="finder-line">
<input id="q" name="q" type="search" value="${wanted}" maxlength="2000" required aria-describedby="q-hint">
<button class="button">${_("Find out")}</button>
</div>
</form>

% if wanted and not answers:
<%p:empty title="${_('FMN has no such message')}" words="${ngettext('Messages are kept for {days} day. Check that all of the id or link is there.', 'Messages are kept for {days} days. Check that all of the id or link is there.', days).format(days=days)}">
<p>${_("If the message is newer than that, FMN missed it, or is just catching up: try again later, or tell whoever runs FMN.")}</p>
</%p:empty>
% endif
% for number, it in enumerate(answers, 1):
<article aria-labelledby="message-${number}">
<h2 id="message-${number}"${english()}>${it.described.summary}</h2>
<p class="quiet">${it.described.application}, ${time_element(request, it.described.sent_at)}<br>
<code>${one_line(it.msg_id)}</code></p>
<p>${p.state(_("Notified"), "good") if it.sent else p.state(_("Not notified"))}
% if it.sent:
${_("You were notified of this message.")}
% if it.missed:
${_("Below is also what kept it from your other channels.")}
% endif
% elif it.problem:
${it.problem}
% else:
${_("Nothing was sent to you, and nothing will be.")}
% endif
</p>
% if it.sent and it.problem:
<p class="notice">${it.problem}</p>
% endif
% if it.sent:
% for line in it.sent:
<section aria-labelledby="sent-${line.id}">
<h3 id="sent-${line.id}">${_("By {channel}").format(channel=line.by)}</h3>
<p>\
% if line.filter_name:
${fill(_("Your filter {link}{name}{end} let it through."), link=link(request.route_path("filter", filter_id=line.filter_id)), name=line.filter_name)}
% else:
${_("A filter that has been deleted since let it through.")}
% endif
<a href="${request.links.why(line.public_id)}">${_("Why you got this")}</a></p>
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
<p>${_("You have no filters.")} <a href="${request.route_path('welcome')}">${_("Choose what to be notified about")}</a></p>
% endif
% for each in it.missed:
<section aria-labelledby="message-${number}-${each.context}">
<h3 id="message-${number}-${each.context}">${_("Not by {channel}").format(channel=each.by)}</h3>
% for reason in each.reasons:
<p>${reason}</p>
% endfor
% if not each.enabled:
<p><a href="${request.route_path('preference', context=each.context)}">${_("Switch it on")}</a></p>
% endif
% if each.muted:
<p><a href="${request.route_path('mutes')}">${_("Unmute it")}</a></p>
% endif
% if not each.filters:
<p><a href="${request.route_path('filter_new', context=each.context)}">${_("Add a filter")}</a></p>
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
