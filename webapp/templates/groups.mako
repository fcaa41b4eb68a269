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
<h3><a href="${request.route_path('group_filters', group=each.name)}">${each.name}</a></h3>
<p class="quiet">${ngettext("{n} filter", "{n} filters", each.filters).format(n=each.filters)}</p>
</div>
${p.state(_("Opted out")) if each.opted_out else p.state(_("On"), "good")}
</li>
% endfor
</ul>
% else:
${p.empty(_("None of your groups has filters"), _("An administrator names the members who may create some."))}
% endif
