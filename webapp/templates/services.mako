## Everything that can notify somebody, as tiles.
<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%namespace name="s" file="settings_parts.mako"/>
<%def name="aside()">${s.places()}</%def>
<%def name="title()">${_("Where should we notify you?")}</%def>

<h1>${_("Where should we notify you?")}</h1>
<p class="lead">${_("Choose a service. Each has its own schedule and filters, and you can have several.")}</p>
<ul class="tiles">
% for each in channels:
${tile(each, each.line)}
% endfor
</ul>
% if chats:
<h2 id="chats">${_("Chat and push services")}</h2>
<ul class="tiles">
% for each in chats:
${tile(each, _(each.line))}
% endfor
<li><a class="tile" href="${request.route_path('preference', context='apprise')}#addresses">${p.icon("link")}<b>${_("Something else")}</b><span class="quiet">${_("By an Apprise URL")}</span></a></li>
</ul>
% endif

<%def name="tile(each, line)">
<li><a class="tile" href="${each.where}">\
% if each.icon:
${p.icon(each.icon)}\
% else:
<span class="letter" aria-hidden="true">${each.title[0]}</span>\
% endif
<b>${each.title}</b>\
% if line:
<span class="quiet">${line}</span>\
% endif
</a></li>
</%def>
