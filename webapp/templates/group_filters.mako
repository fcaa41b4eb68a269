<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%namespace name="s" file="settings_parts.mako"/>
<%def name="aside()">${s.places()}</%def>
<%def name="title()">${_("Filters of the group {group}").format(group=group.name)}</%def>

<p class="eyebrow"><a href="${request.route_path('groups')}">${_("Filters of your groups")}</a></p>
<h1>${self.title()}</h1>
<p class="lead">${_("Members get notifications by these filters after their own, on each channel that they’ve switched on. “Me” in a filter means the member.")}</p>
% if group.is_member:
<div class="card split">
% if opted_out:
<p>${p.state(_("Opted out"))} ${_("You get none of this group’s filters.")}</p>
${p.act(request.route_path("group_choice", group=group.name, choice="opt-in"), _("Opt in"))}
% else:
<p>${p.state(_("On"), "good")} ${_("You get these filters as a member of the group.")}</p>
${p.act(request.route_path("group_choice", group=group.name, choice="opt-out"), _("Opt out"))}
% endif
</div>
% endif
% if too_large:
<p class="notice">${_("The group is too large for filters, so nobody gets these.")}</p>
% endif

<section aria-labelledby="filters">
<h2 id="filters">${_("Filters")}</h2>
% if group.may_edit:
<p class="quiet">${ngettext("{n} member", "{n} members", len(group.members)).format(n=len(group.members))},
${_("{n} opted out").format(n=opted_out_count)}. ${_("Changes apply to all of them, starting with the next message.")}</p>
% endif
% if listed:
<ol class="rows">
% for one in listed:
${row(one, loop.index)}
% endfor
</ol>
% else:
${p.empty(_("No filters yet"), _("What an editor of the group adds here, all members get."))}
% endif
% if group.may_edit:
<div class="tools"><a class="button" href="${request.route_path('group_filter_new', group=group.name)}">${_("Create filter")}</a></div>
% endif
</section>

<section aria-labelledby="editors">
<h2 id="editors">${_("Editors")}</h2>
<p class="quiet">${_("Administrators can edit these filters, and members whom an administrator names here.")}</p>
% if editors:
<ul class="rows">
% for nick in editors:
<li class="split">
<p>${nick}\
% if nick not in group.members:
 <span class="quiet">${_("not a member any more, so they can’t edit")}</span>\
% endif
</p>
% if request.me.is_administrator:
${p.act(request.route_path("group_editors", group=group.name), _("Remove"), about=nick, hidden={"nick": nick, "action": "remove"})}
% endif
</li>
% endfor
</ul>
% endif
% if request.me.is_administrator:
<form method="post" action="${request.route_path('group_editors', group=group.name)}" class="find" id="name-editor">
${p.token()}
${p.field("nick", _("Username of a member"), typed, problem=problem, autocomplete="off", autocapitalize="none")}
<button class="button plain">${_("Let them edit")}</button>
</form>
% endif
</section>

<%def name="row(one, index)">
<li id="filter-${one.id}">
<div class="split">
% if group.may_edit:
<h3><a href="${request.route_path('group_filter', group=group.name, filter_id=one.id)}">${one.spec.name}</a></h3>
% else:
<h3>${one.spec.name}</h3>
% endif
${p.state(one.status.word, one.status.kind)}
</div>
% if one.words != one.spec.name:
<p class="asks"${english()}>${one.words}</p>
% endif
% if one.status.kind == "bad":
<p class="notice">${one.status.more}</p>
% endif
% if group.may_edit:
<div class="tools">
${p.act(where(one, "switch"), _("Switch off") if one.on else _("Switch on"), about=one.spec.name, hidden={"on": "false" if one.on else "true"})}
% if index:
${p.act(where(one, "move"), _("Move up"), about=one.spec.name, hidden={"position": index - 1})}
% endif
${p.act(where(one, "delete"), _("Delete"), kind="button small danger", about=one.spec.name)}
</div>
% endif
</li>
</%def>
<%def name="where(one, action)"><% return request.route_path("group_filter_action", group=group.name, filter_id=one.id, action=action) %></%def>
