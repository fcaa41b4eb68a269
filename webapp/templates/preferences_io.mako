<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%!
KINDS = {"added": "good", "changed": "", "removed": "bad"}
%>
<%namespace name="s" file="settings_parts.mako"/>
<%def name="aside()">${s.places()}</%def>
<%def name="title()">Import and export</%def>
<h1>Import and export</h1>
% if review is None:
<p class="lead">Keep your preferences under version control, move them to another installation, or edit all of them at
once. You see every change before you apply it.</p>

<h2>Export</h2>
<p>The file has your channels with their schedule, format, addresses and filters.</p>
<p class="tools"><a class="button plain" href="${request.route_path('exchange_export', _query={'format': 'toml'})}">Download as TOML</a>
<a class="button plain" href="${request.route_path('exchange_export', _query={'format': 'json'})}">Download as JSON</a></p>
<p class="quiet">TOML is easier to edit by hand, JSON by programs. The command <code>fmn prefs</code> and the
<a href="${request.route_path('api')}">API</a> read and write both.</p>

<h2>Import</h2>
<p>Each section in the file replaces your settings of that section. Sections that aren’t in the file stay as they
are. You have to confirm new addresses.</p>
<form method="post" action="${request.route_path('exchange')}" enctype="multipart/form-data">
${p.token()}
${p.field("file", "File", kind="file", accept=".toml,.json,application/toml,application/json", required=True)}
<button class="button">Preview changes</button>
</form>

% elif review.problems:
<p class="lead">Nothing was imported. Fix these errors and try again.</p>
<h2>Errors</h2>
<ul class="rows">
% for problem in review.problems:
<li><p>\
% if problem.place:
<b class="long">${problem.place}</b><br>\
% endif
${problem.detail}</p></li>
% endfor
</ul>
<h2>Edit the file</h2>
${edit("Fix the errors, then preview the changes.")}

% elif review.changes:
% if review.outdated:
<p class="notice" role="status">Nothing was imported: your preferences were changed elsewhere after you loaded this page. Review the new list of changes.</p>
% else:
<p class="lead">Review the changes. Nothing has changed yet.</p>
% endif
% for heading, changes in review.groups:
<h2>${heading}</h2>
<ul class="rows">
% for change in changes:
<li class="change">${p.state(change.kind, KINDS[change.kind])} <span class="long">${change.sentence}</span></li>
% endfor
</ul>
% endfor
<form class="tools after" method="post" action="${request.route_path('exchange')}" enctype="multipart/form-data">
${p.token()}
<input type="hidden" name="do" value="import">
<input type="hidden" name="seen" value="${review.changes_digest}">
<textarea name="content" hidden aria-hidden="true" tabindex="-1">
${review.content}</textarea>
<button class="button">Apply changes</button>
<a class="button plain" href="${request.route_path('exchange')}">Cancel</a>
</form>
<p class="quiet after">To be able to go back, first <a href="${request.route_path('exchange_export')}">download your current
preferences</a>.</p>
${more()}

% else:
<p class="lead">No changes: the file matches your preferences.</p>
<p><a class="button plain" href="${request.route_path('exchange')}">Back</a></p>
${more()}
% endif

<%def name="more()">
<details class="after">
<summary>Edit the file</summary>
${edit("Edit the file, then preview the changes again.")}
</details>
</%def>

<%def name="edit(hint)">
<form method="post" action="${request.route_path('exchange')}" enctype="multipart/form-data">
${p.token()}
<div class="field">
<label for="content">File content</label>
<p class="hint" id="content-hint">${hint}</p>
<textarea class="code" id="content" name="content" rows="16" spellcheck="false" autocapitalize="off" autocomplete="off" aria-describedby="content-hint">
${review.content}</textarea>
</div>
<button class="button plain">Preview changes</button>
</form>
</%def>
