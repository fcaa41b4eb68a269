<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%namespace name="s" file="settings_parts.mako"/>
<%def name="aside()">${s.places()}</%def>
<%def name="title()">${_("Filters of your groups")}</%def>

<h1>${_("Filters of your groups")}</h1>
<p class="lead">${_("Groups can have filters for all their members. You get them after your own, on each channel that you’ve switched on.")}</p>
% if groups:
<ul class="rows">
% for each in groups:
<li class="split">
<div>
<h2><a href="${request.route_path('group_filters', group=each.name)}">${each.name}</a></h2>
<p class="quiet">${ngettext("{n} filter", "{n} filters", each.filters).format(n=each.filters)}</p>
</div>
% if each.on is not None:
${p.state(_("On"), "good") if each.on else p.state(_("Opted out"))}
% endif
</li>
% endfor
</ul>
% else:
${p.empty(_("None of your groups has filters"), _("An administrator names the members who may create some."))}
% endif
% if request.me.is_administrator:
<form method="get" action="${request.route_path('groups')}" class="find">
${p.field("name", _("Name of a group"), unknown, problem=_("There’s no such group in the directory.") if unknown else "", autocomplete="off", autocapitalize="none")}
<button class="button plain">${_("Open")}</button>
</form>
% endif
