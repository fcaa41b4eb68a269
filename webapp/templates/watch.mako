<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">${_("Watch")}</%def>
<%def name="scripts()"><script type="module" src="${request.static_path('webapp:static/names.js')}"></script></%def>

<h1>${_("What do you want to watch?")}</h1>
<form method="get" action="${request.route_path('watch')}" class="search" data-completions="${request.route_path('completions', what='')}">
${p.field("q", _("Package, person, group or application"), typed, problem=problem, hint=_("For example rpms/moss, person:mary, group:infra or app:bodhi"), autocomplete="off", autocapitalize="none", spellcheck="false", data_completes="subjects")}
<button class="button">${_("Look")}</button>
</form>
