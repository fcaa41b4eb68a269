## The list of a preference's filters, for every page that shows it:
## <%namespace name="f" file="filters_list.mako"/>, then ${f.filters(it)} below a heading of the second level, and
## ${f.script()} in the head, which lets the buttons renew the list and nothing else.
<%namespace name="p" file="parts.mako"/>
<%namespace name="c" file="charts.mako"/>
<%!
from markupsafe import Markup
from fmn.localized import number_text, series, short_weekday_and_date
from fmn.filters.snoozes import SnoozeSpan
from webapp.context_names import context_name

HIDDEN, END_OF_HIDDEN = Markup('<span class="hidden">'), Markup("</span>")


def names_in_quotes(names):
    return series(_("“{name}”").format(name=name) for name in names)
%>

<%def name="script()"><script type="module" src="${request.static_path('webapp:static/filters.js')}"></script></%def>

<%def name="filters(it)">
<div id="filter-list">
% if it.filters:
<p class="quiet">${_("The first matching filter wins. Use the arrows to change the order.")}</p>
<ol class="rows filters">
<% labels = [short_weekday_and_date(day.date) for day in it.filters[0].days] %>
% for one in it.filters:
${row(it, one, loop.index, labels)}
% endfor
</ol>
<div class="tools">
<a class="button" href="${request.route_path('filter_new', context=it.context)}">${_("Create filter")}</a>
<a class="button plain" href="${request.route_path('watch')}">${_("Watch something")}</a>
<a class="button plain" href="${request.route_path('share', context=it.context)}">${_("Share filters")}</a>
</div>
% if it.presets:
<details class="setting">
<summary><h3>${_("Ready-made filters")}</h3> <span class="quiet">${ngettext("{number} filter to add", "{number} filters to add", len(it.presets)).format(number=len(it.presets))}</span></summary>
${ready(it)}
</details>
% endif
<details class="setting">
<summary><h3>${_("Start over")}</h3> <span class="quiet">${_("reset or delete all filters")}</span></summary>
<p>${_("You can undo this within 24 hours.")}</p>
<div class="tools">
% if it.defaults:
${change(it, "reset", _("Reset to defaults"))}
% endif
${change(it, "delete", ngettext("Delete filter", "Delete all {number} filters", len(it.filters)).format(number=len(it.filters)), "button small danger")}
</div>
% if it.defaults:
<p class="hint">${_("The defaults are {names}.").format(names=names_in_quotes(it.defaults))}</p>
% endif
</details>
% else:
<%p:empty title="${_('No filters yet')}" words="${_('A filter decides which notifications you get by {channel}. Start with a ready-made one, or create your own.').format(channel=it.by)}">
<p><a class="button" href="${request.route_path('filter_new', context=it.context)}">${_("Create filter")}</a></p>
</%p:empty>
${ready(it)}
% if it.defaults:
<p class="quiet">${_("Or use the default filters: {names}.").format(names=names_in_quotes(it.defaults))}</p>
${change(it, "reset", _("Use the default filters"))}
% endif
% endif
% if it.inherited:
<h3>${_("From your groups")}</h3>
<p class="quiet">${_("You get these after your own filters.")}</p>
<ul class="rows">
% for one in it.inherited:
<li>
<div class="split"><h4>${one.name}</h4>
<a href="${request.route_path('group_filters', group=one.group)}">${_("from the group {group}").format(group=one.group)}</a></div>
% if one.words != one.name:
<p class="asks"${english() if one.is_readable else ""}>${one.words}</p>
% endif
</li>
% endfor
</ul>
% endif
</div>
</%def>

<%def name="row(it, one, index, labels)">
<%
    last = len(it.filters) - 1
    refused = it.rejected_form(one.id)
%>
<li class="${'filter' if one.on and not one.asleep else 'filter off'}" id="filter-${one.id}">
<div class="split">
<h3><a href="${request.route_path('filter', filter_id=one.id)}">${one.spec.name}</a></h3>
${p.state(one.status.word, one.status.kind)}
</div>
% if one.words != one.spec.name or one.subjects:
<p class="asks">\
% if one.words != one.spec.name:
<span${english() if one.spec.expression else ""}>${one.words}</span>
% endif
% for subject in one.subjects:
<a class="subject" href="${subject.path}">${p.icon(subject.icon)} ${subject.label}</a>
% endfor
</p>
% endif
<div class="quiet volume"><span>\
% if one.recent:
${fill(ngettext("{start}{number} notification{end} in the last {days} days", "{start}{number} notifications{end} in the last {days} days", one.recent), start=link(request.route_path("inbox", _query={"filter": one.id})), number=number_text(one.recent), days=it.days)}\
% else:
${_("No notifications in the last {days} days").format(days=it.days)}\
% endif
% if one.status.more and one.status.kind != "bad":
. ${one.status.more}\
% endif
</span>
% if one.recent:
${c.spark([day.messages for day in one.days], _("Notifications per day"), labels)}
% endif
</div>
% if one.spec.owner_note:
<p class="quiet">${_("Your note: {note}").format(note=one.spec.owner_note)}</p>
% endif
% if one.spec.hold_minutes:
<p class="quiet">${ngettext("Failures are delayed by {number} minute and skipped if they recover.", "Failures are delayed by {number} minutes and skipped if they recover.", one.spec.hold_minutes).format(number=number_text(one.spec.hold_minutes))}</p>
% endif
% if one.status.kind == "bad":
<p class="notice">${one.status.more}</p>
% endif
% if refused.sentence:
<p class="problem lone" id="problem-${one.id}" role="alert">${refused.sentence}</p>
% endif
<div class="tools">
${button(one, "switch", _("Switch off") if one.on and not one.asleep else _("Unsnooze") if one.asleep else _("Switch on"), hidden={"on": "false" if one.on and not one.asleep else "true"})}
${arrow(one, "up", "↑", _("Move up"), index - 1, index == 0)}
${arrow(one, "down", "↓", _("Move down"), index + 1, index == last)}
</div>
<details id="more-${one.id}" class="more"${" open" if refused.sentence else ""}>
<summary>${fill(_("More{start} for {name}{end}"), start=HIDDEN, name=one.spec.name, end=END_OF_HIDDEN)}</summary>
% if one.on:
<form method="post" action="${where(one, 'snooze')}" class="snooze">
${p.token()}
<div class="field">
<label for="span-${one.id}">${_("Snooze")}</label>
<select id="span-${one.id}" name="span" class="short">
% for span in SnoozeSpan:
<option value="${span}"${" selected" if refused.typed.get("span") == span else ""}>${_(span.value)}</option>
% endfor
</select>
</div>
<div class="${'field wrong' if refused.sentence else 'field'}">
<label for="until-${one.id}">${_("or until this day")}</label>
<input id="until-${one.id}" name="day" type="date" class="short" min="${it.tomorrow}" value="${refused.typed.get('day', '')}"${f" aria-describedby=problem-{one.id} aria-invalid=true" if refused.sentence else ""}>
</div>
<button class="button plain small">${_("Snooze")}<span class="hidden"> ${one.spec.name}</span></button>
</form>
% endif
<div class="tools">
% if one.asleep:
${button(one, "switch", _("Switch off permanently"), hidden={"on": "false"})}
% endif
${button(one, "once", _("Keep on after a match") if one.spec.oneshot else _("Switch off after one match"), hidden={"on": "false" if one.spec.oneshot else "true"})}
% for other in it.others:
${button(one, "copy", _("Copy to {channel}").format(channel=context_name(other)), hidden={"context": other})}
% endfor
${button(one, "delete", _("Delete"), "button small danger")}
</div>
</details>
</li>
</%def>

<%def name="where(one, action)">${request.route_path("filter_action", filter_id=one.id, action=action)}</%def>

<%def name="button(one, action, words, kind='button plain small', hidden=())">
${p.act(capture(where, one, action), words, kind=kind, about=one.spec.name, hidden=hidden)}
</%def>

## Where it would be after the press, and not "one up": pressing it twice is pressing it once.
<%def name="arrow(one, direction, sign, words, position, nowhere)">
<form method="post" action="${where(one, 'move')}" class="act">
${p.token()}
<input type="hidden" name="position" value="${position}">
<button class="button plain small arrow" id="${direction}-${one.id}"${" disabled" if nowhere else ""}><span aria-hidden="true">${sign}</span><span class="hidden">${words} ${one.spec.name}</span></button>
</form>
</%def>

<%def name="change(it, action, words, kind='button plain small')">
${p.act(request.route_path("filters", context=it.context), words, kind=kind, hidden={"action": action})}
</%def>

<%def name="ready(it)">
<ul class="rows">
% for preset in it.presets:
<li>
<div class="split">
<h3>${_(preset.name)}</h3>
${p.act(request.route_path("filters", context=it.context), _("Add"), about=_(preset.name), hidden={"action": "add", "preset": preset.key})}
</div>
<p class="quiet">${_(preset.meaning)}</p>
</li>
% endfor
</ul>
</%def>
