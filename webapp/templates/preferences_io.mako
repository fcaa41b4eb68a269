<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%!
from fmn.translations import mark

KINDS = {"added": "good", "changed": "", "removed": "bad"}
KIND_WORDS = {"added": mark("added"), "changed": mark("changed"), "removed": mark("removed")}
%>
<%namespace name="s" file="settings_parts.mako"/>
<%def name="aside()">${s.places()}</%def>
<%def name="title()">${_("Import and export")}</%def>
<h1>${_("Import and export")}</h1>
% if review is None:
<p class="lead">${_("Keep your preferences under version control, move them to another installation, or edit all of them at once. You see every change before you apply it.")}</p>

<h2>${_("Export")}</h2>
<p>${_("The file has your channels with their schedule, format, addresses and filters.")}</p>
<p class="tools"><a class="button plain" href="${request.route_path('exchange_export', _query={'format': 'toml'})}">${_("Download as TOML")}</a>
<a class="button plain" href="${request.route_path('exchange_export', _query={'format': 'json'})}">${_("Download as JSON")}</a></p>
<p class="quiet">${fill(_("TOML is easier to edit by hand, JSON by programs. The command {command} and the {link}API{end} read and write both."), command=literal("fmn prefs"), link=link(request.route_path("api")))}</p>

<h2>${_("Import")}</h2>
<p>${_("Each section in the file replaces your settings of that section. Sections that aren’t in the file stay as they are. You have to confirm new addresses.")}</p>
<form method="post" action="${request.route_path('exchange')}" enctype="multipart/form-data">
${p.token()}
${p.field("file", _("File"), kind="file", accept=".toml,.json,application/toml,application/json", required=True)}
<button class="button">${_("Preview changes")}</button>
</form>

% elif review.problems:
<p class="lead">${_("Nothing was imported. Fix these errors and try again.")}</p>
<h2>${_("Errors")}</h2>
<ul class="rows">
% for problem in review.problems:
<li><p>\
% if problem.place:
<b class="long"${english()}>${problem.place}</b><br>\
% endif
${problem.detail}</p></li>
% endfor
</ul>
<h2>${_("Edit the file")}</h2>
${edit(_("Fix the errors, then preview the changes."))}

% elif review.changes:
% if review.outdated:
<p class="notice" role="status">${_("Nothing was imported: your preferences were changed elsewhere after you loaded this page. Review the new list of changes.")}</p>
% else:
<p class="lead">${_("Review the changes. Nothing has changed yet.")}</p>
% endif
% for heading, changes in review.groups:
<h2>${heading}</h2>
<ul class="rows">
% for change in changes:
<li class="change">${p.state(_(KIND_WORDS[change.kind]), KINDS[change.kind])} <span class="long">${change.sentence}</span></li>
% endfor
</ul>
% endfor
<form class="tools after" method="post" action="${request.route_path('exchange')}" enctype="multipart/form-data">
${p.token()}
<input type="hidden" name="do" value="import">
<input type="hidden" name="seen" value="${review.changes_digest}">
<textarea name="content" hidden aria-hidden="true" tabindex="-1">
${review.content}</textarea>
<button class="button">${_("Apply changes")}</button>
<a class="button plain" href="${request.route_path('exchange')}">${_("Cancel")}</a>
</form>
<p class="quiet after">${fill(_("To be able to go back, first {link}download your current preferences{end}."), link=link(request.route_path("exchange_export")))}</p>
${more()}

% else:
<p class="lead">${_("No changes: the file matches your preferences.")}</p>
<p><a class="button plain" href="${request.route_path('exchange')}">${_("Back")}</a></p>
${more()}
% endif

<%def name="more()">
<details class="after">
<summary>${_("Edit the file")}</summary>
${edit(_("Edit the file, then preview the changes again."))}
</details>
</%def>

<%def name="edit(hint)">
<form method="post" action="${request.route_path('exchange')}" enctype="multipart/form-data">
${p.token()}
<div class="field">
<label for="content">${_("File content")}</label>
<p class="hint" id="content-hint">${hint}</p>
<textarea class="code" id="content" name="content" rows="16" spellcheck="false" autocapitalize="off" autocomplete="off" aria-describedby="content-hint">
${review.content}</textarea>
</div>
<button class="button plain">${_("Preview changes")}</button>
</form>
</%def>
