<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%namespace name="v" file="verdict_parts.mako"/>
<%!
from fmn.delivery.text_links import link_urls
from fmn.text import capital
%>
<%def name="title()">${_("Why you got: {what}").format(what=it.described.summary)}</%def>

<article>
<p class="eyebrow">${it.described.application}</p>
<h1${english()}>${it.described.summary}</h1>
<p class="quiet">${time_element(request, it.described.sent_at)}<br>
<code>\
% for part in it.described.topic.split("."):
${part}${"" if loop.last else "."}<wbr>\
% endfor
</code></p>
% if about:
<p class="subjects"><span class="hidden">${_("About")}</span>
% for link in about:
<a class="subject" href="${link.path}">${p.icon(link.icon)} ${link.label}</a>
% endfor
</p>
% endif
% for status in delivery_statuses:
<p>${p.state(status.word, status.kind)} ${status.rest}</p>
% endfor
% if it.described.link:
<p><a class="button" href="${it.described.link}" rel="noreferrer">${_("Open on {host}").format(host=it.described.host)}</a></p>
% endif
% if it.described.long:
<div class="quoted" tabindex="0" role="region" aria-label="${_('Message text')}">${link_urls(it.described.long) | n}</div>
% endif
<details>
<summary>${_("Full message")}</summary>
<p class="quiet">${fill(_("Message id: {id}."), id=literal(it.facts.message.msg_id))}
% if message_json.truncated:
${_("The message is too long to show completely.")}
% endif
</p>
<pre class="quoted" tabindex="0" role="region" aria-label="${_('Full message')}"><code>${message_json.text}</code></pre>
</details>
</article>

<section aria-labelledby="why">
<h2 id="why">${_("Why you got this")}</h2>
% if it.chosen is None:
<p>${_("One of {nick}’s filters matched this message. The filter was deleted since, so it sends nothing more.").format(nick=it.nick)}</p>
% else:
% if it.chosen.group_name:
<p>${_("The filter {name} from the group {group} matched this message. {nick} gets it by {by} as a member of the group.").format(name=it.chosen.name, group=it.chosen.group_name, nick=it.nick, by=by)}
% else:
<p>${fill(_("{nick}’s filter {filter} (by {channel}) matched this message."), nick=it.nick, filter=bold(it.chosen.name), channel=by)}
% endif
% if not it.chosen.enabled:
${_("The filter was switched off since.")}
% elif not it.preference.enabled:
${_("Notifications by {channel} were switched off since.").format(channel=by)}
% endif
</p>
% if it.problem:
<p class="notice">${it.problem}</p>
% elif it.reasons is not None:
% if it.reasons.holds:
<h3>${_("Matched rules")}</h3>
% else:
<p class="notice">${_("This message wouldn’t match now: the filter or what you own has changed since.")}</p>
<h3>${_("Rules as they are now")}</h3>
% endif
${v.reasons(it.reasons)}
% endif
% endif
</section>

<section aria-labelledby="stop">
<h2 id="stop">${_("Get fewer of these")}</h2>
% if own:
<p>${_("Mute on all channels:")}</p>
<ul class="rows">
% for each in mute_choices:
<li class="split">
<span class="long">${capital(each.offer.words)}</span>
% if each.mute_id is None:
<form method="post" action="${request.route_path('why_mute', token=request.matchdict['token'])}" class="tools">
${p.token()}
<input type="hidden" name="kind" value="${each.offer.kind}">
% for value in each.offer.values:
<input type="hidden" name="value" value="${value}">
% endfor
<button class="button plain small" name="span" value="week">${fill(_("Mute for a week{hidden} {what}{end}"), hidden=HIDDEN, what=each.offer.words, end=END_OF_HIDDEN)}</button>
<button class="button plain small" name="span" value="ever">${fill(_("Mute forever{hidden} {what}{end}"), hidden=HIDDEN, what=each.offer.words, end=END_OF_HIDDEN)}</button>
</form>
% else:
<div class="tools">
<span>${p.state(_("Muted"))} ${each.until}</span>
${p.act(request.route_path("mute_lift", mute_id=each.mute_id), _("Unmute"), about=each.offer.words, hidden={"to": request.path})}
</div>
% endif
</li>
% endfor
</ul>
<p class="quiet"><a href="${request.route_path('mutes')}">${_("All mutes")}</a></p>
% endif
<ul class="options">
% if request.identity is None:
<li><a href="${request.route_path('sign_in', _query={'to': request.path})}">${_("Sign in")}</a>
<span class="quiet">${_("Signed in, you can mute this event type, package or thread, and edit the filter.")}</span></li>
% elif own and it.chosen is not None:
<li><a href="${request.route_path('filter', filter_id=it.chosen.id)}">${_("Edit this filter")}</a> <span class="quiet">${_("Narrow what it matches.")}</span></li>
% endif
% if it.chosen is not None and it.chosen.enabled:
<li><a href="${stop_filter}">${_("Stop this filter")}</a> <span class="quiet">${_("Your other filters stay on.")}</span></li>
% elif it.chosen is not None:
<li><a href="${stop_filter}">${_("Switch this filter on again")}</a></li>
% endif
% if it.preference.enabled:
<li><a href="${stop_all}">${_("Stop all notifications by {channel}").format(channel=by)}</a> <span class="quiet">${_("Your other channels stay on.")}</span></li>
% else:
<li><a href="${stop_all}">${_("Switch {channel} on again").format(channel=by)}</a></li>
% endif
</ul>
</section>
<%!
from markupsafe import Markup

#: Around what only those need who don't see the page.
HIDDEN = Markup('<span class="hidden">')
END_OF_HIDDEN = Markup("</span>")
%>
