## Parts of the inbox: <%namespace name="i" file="inbox_parts.mako"/>, then ${i.entry(line, search)}.
<%namespace name="p" file="parts.mako"/>
<%!
from fmn.ledger.inbox_filter import Place
from webapp.icons import icon_markup
from webapp.inbox.inbox_help import KEYS, OPERATORS
%>

## A notification in one line. The live view puts it below the heading of its day. ``dated`` adds the day,
## where no heading says it; ``search`` is what the page shows.
<%def name="entry(line, search, dated=False)">
<% state = line.state %>\
<li class="${'entry unread' if line.unread else 'entry'}" id="notification-${line.id}" data-day="${line.day.date.isoformat()}" data-words="${line.day.words}">
<input type="checkbox" name="ids" value="${line.id}" aria-label="${_('Select: {summary}').format(summary=line.summary)}">
${p.severity(line.severity)}
${p.application(line.category, line.application)}
<a class="what" href="${request.links.why(line.public_id)}">\
% if line.unread:
<span class="hidden">${_("Unread:")} </span>\
% endif
<span${english()}>${line.summary}</span></a>
<span class="about">\
% if line.package:
<span class="package">${line.package}${f" +{line.packages - 1}" if line.packages > 1 else ""}</span>\
% endif
</span>
<span class="where">${p.state(state.word, state.kind)}</span>
<time class="quiet" datetime="${line.at.isoformat()}">${f"{line.day.short} " if dated else ""}${line.clock}</time>
<span class="row-tools">
% if line.done or line.snoozed:
${row_button("open", line, "inbox", _("Move to inbox"))}
% else:
${row_button("done", line, "check", _("Done"))}
% endif
<details class="menu">
<summary class="button icon-only" aria-label="${_('More: {summary}').format(summary=line.summary)}">${icon_markup(request.icons, "ellipsis") | n}</summary>
<div class="row-menu">
<p class="quiet">${_("{application}, by {channel}").format(application=line.application, channel=line.by)}, \
% if line.filter_name:
${_("matched")} <a href="${request.route_path('filter', filter_id=line.filter_id)}">${line.filter_name}</a>\
% else:
${_("matched a filter that was deleted since")}\
% endif
</p>
% if line.late:
<p class="quiet">${line.late}</p>
% endif
% for status in line.delivery_statuses:
<p class="quiet">${p.state(status.word, status.kind)} ${status.rest}</p>
% endfor
% if line.unread:
${menu_button("read", line, "eye", _("Mark as read"))}
% else:
${menu_button("unread", line, "circle-dot", _("Mark as unread"))}
% endif
<a class="menu-item" data-snooze href="${request.route_path('inbox_snooze', notification_id=line.id, _query=search.query(search.place) or None)}">${icon_markup(request.icons, "clock") | n}${_("Snooze")}</a>
% if line.thread:
${menu_button("mute-thread", line, "bell-off", _("Mute the thread"))}
% endif
% if line.package:
${menu_button("mute-package", line, "bell-off", _("Mute {package}").format(package=line.package) if line.packages == 1 else _("Mute the packages"))}
% endif
% if line.link:
<a class="menu-item" href="${line.link}" rel="noreferrer">${icon_markup(request.icons, "external-link") | n}${_("Open on its site")}</a>
% endif
</div>
</details>
</span>
</li>
</%def>

## A group's heading, with how many it has on all pages, and buttons for all of these.
<%def name="group_head(group, places)">
<div class="group-head">
<h2>\
% if group.link:
<a href="${group.link}" rel="noreferrer"${english()}>${group.heading}</a>\
% else:
${group.heading}\
% endif
% if group.total:
 <span class="count still" data-total="${group.total.total}" data-more="${'+' if group.total.more else ''}">${group.count_words}</span>\
% endif
% if group.total and group.total.continued:
 <span class="quiet">${_("continued")}</span>\
% endif
</h2>
% if Place.OPEN in places:
${group_button("read", group, "eye", _("Mark as read"))}
${group_button("done", group, "check-check", _("Done"))}
% elif places:
${group_button("open", group, "inbox", _("Move to inbox"))}
% endif
</div>
</%def>

<%def name="group_button(action, group, icon, words)"><button class="button icon-only" name="whole" value="${action}:${group.target}" title="${words}" aria-label="${_('{action}: all of {group}').format(action=words, group=group.heading)}">${p.icon(icon)}</button></%def>

## Buttons of a row. A page has 250 of them: what is ours isn't escaped, which takes a tenth of the page's time.
<%def name="row_button(action, line, icon, words)"><button class="button icon-only" name="row" value="${action | n}:${str(line.id) | n}" aria-label="${_('{action}: {summary}').format(action=words, summary=line.summary)}" title="${words}">${icon_markup(request.icons, icon) | n}</button></%def>

<%def name="menu_button(action, line, icon, words)"><button class="menu-item" name="row" value="${action | n}:${str(line.id) | n}">${icon_markup(request.icons, icon) | n}${words}</button></%def>

## What one can do with those that are ticked, and with all that the search finds; and the grouping.
<%def name="toolbar(spans, places, groupings, search)">
<% away = Place.OPEN not in places %>
<div class="toolbar">
${on_enter("selected")}
<label class="needs-scripts" hidden><input type="checkbox" id="select-all"> <span class="hidden">${_("Select all on this page")}</span></label>
<span class="selected-tools" role="group" aria-label="${_('Selected notifications')}">
% if away:
<button class="button plain small" name="selected" value="open">${p.icon("inbox")}${_("Move to inbox")}</button>
% else:
<button class="button plain small" name="selected" value="done">${p.icon("check")}${_("Done")}</button>
<button class="button plain small" name="selected" value="read">${p.icon("eye")}<span class="words">${_("Mark as read")}</span></button>
% endif
<details class="menu">
<summary class="button plain small">${p.icon("clock")}<span class="words">${_("Snooze")}</span></summary>
<div>
${snooze_choices("selected", spans)}
</div>
</details>
<details class="menu">
<summary class="button plain small">${p.icon("bell-off")}<span class="words">${_("Mute")}</span></summary>
<div>
<button class="menu-item" name="selected" value="mute-thread">${_("Mute the threads")}</button>
<button class="menu-item" name="selected" value="mute-package">${_("Mute the packages")}</button>
</div>
</details>
</span>
<details class="menu all-tools">
<summary class="button plain small">${_("All")}${p.icon("chevron-down")}</summary>
<div>
<p class="quiet">${_("All that this search finds:") if search.q else _("Everything in the inbox:")}</p>
% if away:
<button class="menu-item" name="all" value="open">${p.icon("inbox")}${_("Move all to inbox")}</button>
% else:
<button class="menu-item" name="all" value="read">${p.icon("eye")}${_("Mark all as read")}</button>
<button class="menu-item" name="all" value="done">${p.icon("check-check")}${_("Mark all as done")}</button>
% for each in spans:
<button class="menu-item" name="all" value="snooze-${each.span}">${p.icon("clock")}${_("Snooze all: {until}").format(until=each.words)}</button>
% endfor
<button class="menu-item" name="all" value="mute-thread">${p.icon("bell-off")}${_("Mute all threads")}</button>
% endif
</div>
</details>
<nav class="grouping" aria-label="${_('Group by')}">
% for grouping, words in groupings.items():
<a href="${request.route_path('inbox', _query=search.grouped_by(grouping).query() or None)}"${' aria-current="true"' if grouping is search.group else '' | n}>${words}</a>
% endfor
</nav>
</div>
</%def>

## Until when to snooze: a button for each span, and a day and time of one's own. ``ids`` is what follows the
## buttons' commands; ``key`` tells several on a page apart.
<%def name="snooze_choices(name, spans, ids='', key='snooze')">
${on_enter(name, ids)}
% for each in spans:
<button class="menu-item" name="${name}" value="snooze-${each.span}${ids}">${p.icon("clock")}${each.words} <span class="quiet">${each.until}</span></button>
% endfor
<div class="moment">
<div><label for="${key}-day">${_("Day")}</label><input id="${key}-day" name="day" type="date"></div>
<div><label for="${key}-clock">${_("Time")}</label><input id="${key}-clock" name="clock" type="time" value="09:00"></div>
<button class="button small" name="${name}" value="snooze${ids}">${_("Snooze until then")}</button>
</div>
</%def>

## What the Enter key presses in a form's fields, its first button: a snooze until their day, or, without one,
## nothing but a request to choose it.
<%def name="on_enter(name, ids='')"><button class="hidden" name="${name}" value="snooze${ids}" tabindex="-1" aria-hidden="true"></button></%def>

## Until when to snooze, as a script asks it: in a dialog, for a row or for those that are ticked.
<%def name="snooze_dialog(spans)">
<dialog id="snooze" aria-labelledby="snooze-title">
<div class="split"><h2 id="snooze-title">${_("Snooze until")}</h2><form method="dialog"><button class="button plain small">${_("Close")}</button></form></div>
<form method="post" action="${request.route_path('inbox_triage')}" class="snooze-choices">
${snooze_choices("command", spans, key="dialog")}
</form>
</dialog>
</%def>

## The operators of a search, for reference.
<%def name="operators()">
<dl class="operators">
% for example, words in OPERATORS:
<dt><code>${example}</code></dt><dd>${_(words)}</dd>
% endfor
</dl>
</%def>

## The keyboard shortcuts, shown by ``?``.
<%def name="keys()">
<dialog id="keys" aria-labelledby="keys-title">
<div class="split"><h2 id="keys-title">${_("Keyboard shortcuts")}</h2><form method="dialog"><button class="button plain small">${_("Close")}</button></form></div>
<dl class="keys">
% for key, words in KEYS:
<dt><kbd>${_(key)}</kbd></dt><dd>${_(words)}</dd>
% endfor
</dl>
</dialog>
</%def>

## What a script says of what it did, with a button that takes it back.
<%def name="told()">
<template id="told-template"><div class="done"><p></p><form method="post" class="act">${p.token()}<button class="button plain small">${_("Undo")}</button></form><button type="button" class="button icon-only close" aria-label="${_('Close')}">${p.icon("x")}</button></div></template>
</%def>

## A field to choose from a few things, of which none need be chosen. ``language`` is the attribute of theirs.
<%def name="choose(name, label, anything, choices, language='')">
<div class="field">
<label for="${name}">${label}</label>
<select id="${name}" name="${name}">
<option value="">${anything}</option>
% for value, words in choices.items():
<option${language} value="${value}">${words}</option>
% endfor
</select>
</div>
</%def>
