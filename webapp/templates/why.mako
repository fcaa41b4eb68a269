<%inherit file="layout.mako"/>
<%namespace name="v" file="verdicts.mako"/>
<%def name="title()">Why you got: ${it.telling.summary}</%def>

<article>
<p class="over">${it.telling.application}</p>
<h1>${it.telling.summary}</h1>
<p class="quiet"><time datetime="${it.telling.sent_at.isoformat()}">${when}</time><br>
<code>\
% for part in it.telling.topic.split("."):
${part}${"" if loop.last else "."}<wbr>\
% endfor
</code></p>
% if it.telling.link:
<p><a class="button" href="${it.telling.link}" rel="noreferrer">Open on ${it.telling.host}</a></p>
% endif
% if it.telling.long:
<div class="quoted" tabindex="0" role="region" aria-label="The message’s text">${it.telling.long}</div>
% endif
</article>

<section aria-labelledby="why">
<h2 id="why">Why you got this</h2>
% if it.chosen is None:
<p>One of ${it.nick}’s filters let it through, and has been deleted since. Nothing more comes from it.</p>
% else:
<p>${it.nick}’s filter <b>${it.chosen.name}</b> let it through, and so it was sent by ${by}.
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
<ul class="ways">
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
