## The list of a preference's filters, for every page that shows it:
## <%namespace name="f" file="filters_list.mako"/>, then ${f.filters(it)} below a heading of the second level, and
## ${f.script()} in the head, which lets the buttons renew the list and nothing else.
<%namespace name="p" file="parts.mako"/>
<%namespace name="c" file="charts.mako"/>
<%!
from fmn.text import pluralize, join_series
from fmn.filters.snoozes import SnoozeSpan
from webapp.context_names import context_name
%>

<%def name="script()"><script type="module" src="${request.static_path('webapp:static/filters.js')}"></script></%def>

<%def name="filters(it)">
<div id="filter-list">
% if it.filters:
<p class="quiet">The first matching filter wins. Use the arrows to change the order.</p>
<ol class="rows filters">
% for one in it.filters:
${row(it, one, loop.index)}
% endfor
</ol>
<div class="tools">
<a class="button" href="${request.route_path('filter_new', context=it.context)}">Create filter</a>
<a class="button plain" href="${request.route_path('watch')}">${_("Watch something")}</a>
<a class="button plain" href="${request.route_path('share', context=it.context)}">${_("Share filters")}</a>
</div>
% if it.presets:
<details class="setting">
<summary><h3>Ready-made filters</h3> <span class="quiet">${pluralize(len(it.presets), "filter")} to add</span></summary>
${ready(it)}
</details>
% endif
<details class="setting">
<summary><h3>Start over</h3> <span class="quiet">reset or delete all filters</span></summary>
<p>You can undo this within 24 hours.</p>
<div class="tools">
% if it.defaults:
${change(it, "reset", "Reset to defaults")}
% endif
${change(it, "delete", f"Delete all {len(it.filters)} filters" if len(it.filters) > 1 else "Delete filter", "button small danger")}
</div>
% if it.defaults:
<p class="hint">The defaults are ${join_series(f"“{name}”" for name in it.defaults)}.</p>
% endif
</details>
% else:
<%p:empty title="No filters yet" words="${f'A filter decides which notifications you get by {it.by}. Start with a ready-made one, or create your own.'}">
<p><a class="button" href="${request.route_path('filter_new', context=it.context)}">Create filter</a></p>
</%p:empty>
${ready(it)}
% if it.defaults:
<p class="quiet">Or use the default filters: ${join_series(f"“{name}”" for name in it.defaults)}.</p>
${change(it, "reset", "Use the default filters")}
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
<p class="asks">${one.words}</p>
</li>
% endfor
</ul>
% endif
</div>
</%def>

<%def name="row(it, one, index)">
<%
    last = len(it.filters) - 1
    refused = it.rejected_form(one.id)
%>
<li class="${'filter' if one.on and not one.asleep else 'filter off'}" id="filter-${one.id}">
<div class="split">
<h3><a href="${request.route_path('filter', filter_id=one.id)}">${one.spec.name}</a></h3>
${p.state(one.status.word, one.status.kind)}
</div>
<p class="asks">${one.words}
% for link in one.subjects:
<a class="subject" href="${link.path}">${p.icon(link.icon)} ${link.label}</a>
% endfor
</p>
<p class="quiet">\
% if one.recent:
<a href="${request.route_path('inbox', _query={'filter': one.id})}">${pluralize(one.recent, "notification")}</a> in the last ${it.days} days\
% else:
No notifications in the last ${it.days} days\
% endif
 ${c.spark([day.messages for day in one.days], f"Notifications per day: {', '.join(str(day.messages) for day in one.days)}") if one.recent else ""}\
% if one.status.more and one.status.kind != "bad":
. ${one.status.more}\
% endif
</p>
% if one.spec.owner_note:
<p class="quiet">Your note: ${one.spec.owner_note}</p>
% endif
% if one.spec.hold_minutes:
<p class="quiet">Failures are delayed by ${pluralize(one.spec.hold_minutes, "minute")} and skipped if they recover.</p>
% endif
% if one.status.kind == "bad":
<p class="notice">${one.status.more}</p>
% endif
% if refused.sentence:
<p class="problem lone" id="problem-${one.id}" role="alert">${refused.sentence}</p>
% endif
<div class="tools">
${button(one, "switch", "Switch off" if one.on and not one.asleep else "Unsnooze" if one.asleep else "Switch on", hidden={"on": "false" if one.on and not one.asleep else "true"})}
${arrow(one, "up", "↑", "Move up", index - 1, index == 0)}
${arrow(one, "down", "↓", "Move down", index + 1, index == last)}
</div>
<details id="more-${one.id}" class="more"${" open" if refused.sentence else ""}>
<summary>More<span class="hidden"> for ${one.spec.name}</span></summary>
% if one.on:
<form method="post" action="${where(one, 'snooze')}" class="snooze">
${p.token()}
<div class="field">
<label for="span-${one.id}">Snooze</label>
<select id="span-${one.id}" name="span" class="short">
% for span in SnoozeSpan:
<option${" selected" if refused.typed.get("span") == span else ""}>${span}</option>
% endfor
</select>
</div>
<div class="${'field wrong' if refused.sentence else 'field'}">
<label for="until-${one.id}">or until this day</label>
<input id="until-${one.id}" name="day" type="date" class="short" min="${it.tomorrow}" value="${refused.typed.get('day', '')}"${f" aria-describedby=problem-{one.id} aria-invalid=true" if refused.sentence else ""}>
</div>
<button class="button plain small">Snooze<span class="hidden"> ${one.spec.name}</span></button>
</form>
% endif
<div class="tools">
% if one.asleep:
${button(one, "switch", "Switch off permanently", hidden={"on": "false"})}
% endif
${button(one, "once", "Keep on after a match" if one.spec.oneshot else "Switch off after one match", hidden={"on": "false" if one.spec.oneshot else "true"})}
% for other in it.others:
${button(one, "copy", f"Copy to {context_name(other)}", hidden={"context": other})}
% endfor
${button(one, "delete", "Delete", "button small danger")}
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
<h3>${preset.name}</h3>
${p.act(request.route_path("filters", context=it.context), "Add", about=preset.name, hidden={"action": "add", "preset": preset.key})}
</div>
<p class="quiet">${preset.meaning}</p>
</li>
% endfor
</ul>
</%def>
