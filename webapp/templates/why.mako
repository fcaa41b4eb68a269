<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%namespace name="v" file="verdict_parts.mako"/>
<%!
from fmn.text import capital
%>
<%def name="title()">Why you got: ${it.described.summary}</%def>

<article>
<p class="eyebrow">${it.described.application}</p>
<h1>${it.described.summary}</h1>
<p class="quiet"><time datetime="${it.described.sent_at.isoformat()}">${when}</time><br>
<code>\
% for part in it.described.topic.split("."):
${part}${"" if loop.last else "."}<wbr>\
% endfor
</code></p>
% for status in delivery_statuses:
<p>${p.state(status.word, status.kind)} ${status.rest}</p>
% endfor
% if it.described.link:
<p><a class="button" href="${it.described.link}" rel="noreferrer">Open on ${it.described.host}</a></p>
% endif
% if it.described.long:
<div class="quoted" tabindex="0" role="region" aria-label="The message’s text">${it.described.long}</div>
% endif
<details>
<summary>The whole message</summary>
<p class="quiet">Its id is <code>${it.facts.message.msg_id}</code>.
% if message_json.truncated:
It’s too long to show all of it.
% endif
</p>
<pre class="quoted" tabindex="0" role="region" aria-label="The whole message"><code>${message_json.text}</code></pre>
</details>
</article>

<section aria-labelledby="why">
<h2 id="why">Why you got this</h2>
% if it.chosen is None:
<p>One of ${it.nick}’s filters let it through, and has been deleted since. Nothing more comes from it.</p>
% else:
<p>${it.nick}’s filter <b>${it.chosen.name}</b> let it through, to be sent by ${by}.
% if not it.chosen.enabled:
The filter has been switched off since.
% elif not it.preference.enabled:
Everything by ${by} has been switched off since.
% endif
</p>
% if it.problem:
<p class="notice">${it.problem}</p>
% elif it.reasons is not None:
% if it.reasons.holds:
<p>This is what the filter asks, and it holds:</p>
% else:
<p class="notice">As things are now it wouldn’t let this through: since then the filter was changed, or what you own.
This is what it asks now:</p>
% endif
${v.reasons(it.reasons)}
% endif
% endif
</section>

<section aria-labelledby="stop">
<h2 id="stop">If you don’t want it</h2>
% if own:
<p>Mute some of it, on all channels:</p>
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
<button class="button plain small" name="span" value="week">Mute<span class="hidden"> ${each.offer.words}</span> for a week</button>
<button class="button plain small" name="span" value="ever"><span class="hidden">Mute ${each.offer.words} </span>For ever</button>
</form>
% else:
<div class="tools">
<span>${p.state("Muted")} ${each.until}</span>
${p.act(request.route_path("mute_lift", mute_id=each.mute_id), "Hear of it again", about=each.offer.words, hidden={"to": request.path})}
</div>
% endif
</li>
% endfor
</ul>
<p class="quiet"><a href="${request.route_path('mutes')}">All that you muted</a></p>
% endif
<ul class="options">
% if request.identity is None:
<li><a href="${request.route_path('sign_in', _query={'to': request.path})}">Sign in</a>
<span class="quiet">Then you can mute its kind, its package or its thread here, for a week or for ever, and edit your filter.</span></li>
% elif own and it.chosen is not None:
<li><a href="${request.route_path('filter', filter_id=it.chosen.id)}">Edit this filter</a> <span class="quiet">Say more exactly what you want to hear of.</span></li>
% endif
% if it.chosen is not None and it.chosen.enabled:
<li><a href="${stop_filter}">Stop this filter</a> <span class="quiet">Your other filters go on.</span></li>
% elif it.chosen is not None:
<li><a href="${stop_filter}">Switch this filter on again</a></li>
% endif
% if it.preference.enabled:
<li><a href="${stop_all}">Stop everything by ${by}</a> <span class="quiet">What you get elsewhere goes on.</span></li>
% else:
<li><a href="${stop_all}">Switch ${by} on again</a></li>
% endif
</ul>
</section>
