<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%!
from fmn.text import capital
%>
<%def name="title()">What you muted</%def>
<h1>What you muted</h1>
<p class="lead">You hear nothing of it, on any channel, whichever of your filters lets it through.</p>
% if mutes:
<ul class="rows">
% for mute in mutes:
<li class="split">
<div>
<p class="long"><b>${capital(mute.words)}</b></p>
<p class="quiet">${capital(mute.duration)}\
% if mute.page:
, <a href="${mute.page}" rel="noreferrer">its page</a>\
% endif
</p>
</div>
${p.act(request.route_path("mute_lift", mute_id=mute.id), "Hear of it again", about=mute.words)}
</li>
% endfor
</ul>
% else:
<%call expr="p.empty('Nothing is muted', 'Every notification has a page that says why you got it. There you can mute its kind, its package or its thread, for a week or for ever.')">
<p><a href="${request.route_path('inbox')}">To your inbox</a></p>
</%call>
% endif
