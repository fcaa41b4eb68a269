## Pausing all channels: <%namespace name="pause" file="pause_parts.mako"/>.
<%namespace name="p" file="parts.mako"/>
<%!
from datetime import timedelta
from fmn.ledger.pauses import MAX_PAUSE
from webapp.times import reader_zone, time_after_preposition
%>

## What every page of somebody says whose notifications are paused.
<%def name="notice()">\
% if request.identity and request.identity.paused_until and request.identity.paused_until > request.now:
<div class="paused notice" role="status">
<p>${p.icon("bell-off")} ${_("All your notifications are paused until")} ${time_after_preposition(request, request.identity.paused_until)}.</p>
${p.act(request.route_path("resume"), _("Resume now"), kind="button small", hidden={"to": request.path_qs})}
</div>
% endif
</%def>

## A menu with what one can choose.
<%def name="menu()">
<%
    today = request.now.astimezone(reader_zone(request)).date()
    first, last = today + timedelta(days=1), (request.now + MAX_PAUSE).astimezone(reader_zone(request)).date()
%>
<details class="menu" id="pause">
<summary class="button plain">${p.icon("bell-off")} ${_("Pause all")}</summary>
<form method="post" action="${request.route_path('pause')}" class="pause">
${p.token()}
<p class="hint">${_("Nothing is lost: afterwards you get a digest of what came.")}</p>
<button class="button plain" name="span" value="hour">${_("For an hour")}</button>
<button class="button plain" name="span" value="tomorrow">${_("Until tomorrow at 8:00")}</button>
<div class="field">
<label for="pause-day">${_("Holiday: until this day")}</label>
<input id="pause-day" name="day" type="date" class="short" min="${first.isoformat()}" max="${last.isoformat()}">
</div>
<button class="button" name="span" value="day">${_("Pause until then")}</button>
</form>
</details>
</%def>
