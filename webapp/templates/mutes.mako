<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%!
from fmn.text import capital
%>
<%namespace name="s" file="settings_parts.mako"/>
<%def name="aside()">${s.places()}</%def>
<%def name="title()">${_("Mutes")}</%def>
<h1>${_("Mutes")}</h1>
<p class="lead">${_("You get no notifications about these, on any channel, even if a filter matches.")}</p>
% if mutes:
<ul class="rows">
% for mute in mutes:
<li class="split">
<div>
<p class="long"><b>${capital(mute.words)}</b></p>
<p class="quiet">${capital(mute.duration)}\
% if mute.page:
, <a href="${mute.page}" rel="noreferrer">${_("open page")}</a>\
% endif
</p>
</div>
${p.act(request.route_path("mute_lift", mute_id=mute.id), _("Unmute"), about=mute.words)}
</li>
% endfor
</ul>
% else:
<%call expr="p.empty(_('No mutes'), _('To mute an event type, a package or a thread, open a notification in your inbox and choose what to mute.'))">
<p><a href="${request.route_path('inbox')}">${_("Open your inbox")}</a></p>
</%call>
% endif
