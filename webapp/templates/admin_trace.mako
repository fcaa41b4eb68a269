<%inherit file="layout.mako"/>
<%namespace name="a" file="admin_parts.mako"/>
<%namespace name="p" file="parts.mako"/>
<%!
from fmn.administration import message_trace_text as text
from markupsafe import Markup
from fmn.localized import number_text
from fmn.text import capital, one_line, sentence
from webapp.context_names import context_name

KINDS = {"sent": "good", "failed": "bad"}


def person(request, nick):
    """A link to somebody's page."""
    return Markup('<a href="{}"><b>{}</b></a>').format(request.route_path("admin_person", nick=nick), nick)
%>
<%def name="title()">${_("Trace a message")}</%def>
<%def name="width()">wide</%def>
<%def name="aside()">${a.places()}</%def>
<h1>${_("Trace a message")}</h1>
<form method="get" action="${request.route_path('admin_trace')}" role="search" class="find">
${p.field("q", _("Message"), wanted, kind="search", hint=_("A message’s id, or a link to it"), maxlength=2000)}
${p.field("user", _("Person"), nick, hint=_("An account’s name, to show what is recorded for one person only"), problem=_("Nobody here is called that.") if unknown_nick else "", maxlength=200)}
<button class="button">${_("Trace")}</button>
</form>
% if wanted and not traces and not unknown_nick:
${p.empty(_("No such message"), ngettext("Check the id. Messages are kept for {days} day. If the bus had the message and FMN missed it, “fmn catchup --since” on one of FMN’s hosts asks for it.", "Check the id. Messages are kept for {days} days. If the bus had the message and FMN missed it, “fmn catchup --since” on one of FMN’s hosts asks for it.", days).format(days=number_text(days)))}
% endif
% for number, it in enumerate(traces, 1):
<section aria-labelledby="message-${number}">
<h2 id="message-${number}"${english()}>${it.summary}</h2>
<div class="scrolls" tabindex="0" role="region" aria-label="${_('Message {number}').format(number=number)}">
<table>
<tbody>
<tr><th scope="row">${_("Message")}</th><td><code>${one_line(it.msg_id)}</code></td></tr>
<tr><th scope="row">${ngettext("Topic", "Topics", 1)}</th><td><code>${one_line(it.topic)}</code></td></tr>
<tr><th scope="row">${_("Signed by")}</th><td>${it.signer or _("nobody")}</td></tr>
% for name, words in text.steps(it):
<tr><th scope="row">${name}</th><td>${capital(words)}</td></tr>
% endfor
</tbody>
</table>
</div>
<h3>${ngettext("Notified: {n} person", "Notified: {n} people", it.people).format(n=number_text(it.people))}</h3>
% if it.counts:
<ul>
% for by, counts in text.count_lines(it):
<li>${_("By {channel}: {counts}").format(channel=context_name(by), counts=counts)}</li>
% endfor
</ul>
% endif
% if it.notifications:
<ul class="rows">
% for one in it.notifications:
<li>
<p>${fill(_("{nick} by {channel}"), nick=person(request, one.nick), channel=context_name(one.context))}</p>
<p class="quiet">${capital(text.cause(one))}</p>
% for state, words in text.outcomes(one):
<p>${p.state(capital(text.state_text(state)), KINDS.get(state, ""))} ${words}</p>
% endfor
</li>
% endfor
</ul>
% elif it.nick:
${p.empty(_("Nothing is recorded for {nick}").format(nick=it.nick), _("On one of FMN’s hosts, “{command}” lists the first rule of each filter that said no.").format(command=f"fmn why {it.nick} {it.msg_id}"))}
% endif
% if it.muted or it.muted_problem:
<h3>${_("Muted now")}</h3>
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
<p>${_("More people than these have it muted. Name one above, or run “fmn trace --all”.")}</p>
% endif
% endif
% endif
</section>
% endfor
% if next:
<p class="pages"><a href="${request.route_path('admin_trace', _query={'q': wanted, 'user': nick, 'after': next})}">${_("More notifications")}</a></p>
% endif
% if traces:
<p class="quiet">${fill(_("This is recorded in the {link}audit log{end}. Answers to what was sent are in the backends’ logs, in the lines “deliveries recorded”."), link=link(request.route_path("admin_audit")))}</p>
% endif
