<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%!
KINDS = {"added": "good", "changed": "", "removed": "bad"}
%>
<%def name="title()">Preferences as a file</%def>
<p class="eyebrow"><a href="${request.route_path('account')}">Your account</a></p>
<h1>Preferences as a file</h1>
% if review is None:
<p class="lead">Keep your preferences under version control, move them to another installation, or edit all of them at
once. Nothing changes before you saw what would.</p>

<h2>Download</h2>
<p>Channels, how often, how it looks, addresses, and filters in their order, with what they ask as text.</p>
<p class="tools"><a class="button plain" href="${request.route_path('exchange_export', _query={'format': 'toml'})}">Download as TOML</a>
<a class="button plain" href="${request.route_path('exchange_export', _query={'format': 'json'})}">Download as JSON</a></p>
<p class="quiet">TOML is easier to edit for people, JSON for programs. The command <code>fmn prefs</code> and the
<a href="${request.route_path('api')}">API</a> speak both.</p>

<h2>Upload</h2>
<p>A group that is in the file is meant as a whole, and what isn’t in the file stays as it is. New addresses have
to be confirmed.</p>
<form method="post" action="${request.route_path('exchange')}" enctype="multipart/form-data">
${p.token()}
${p.field("file", "The file", kind="file", accept=".toml,.json,application/toml,application/json", required=True)}
<button class="button">See what would change</button>
</form>

% elif review.problems:
<p class="lead">This file can’t be imported as it is. Nothing was changed.</p>
<h2>What is wrong</h2>
<ul class="rows">
% for problem in review.problems:
<li><p>\
% if problem.place:
<b class="long">${problem.place}</b><br>\
% endif
${problem.detail}</p></li>
% endfor
</ul>
<h2>Correct it here</h2>
${edit("Correct what is wrong, and see what would change.")}

% elif review.changes:
% if review.outdated:
<p class="notice" role="status">Something was changed elsewhere since you looked. Nothing was imported: this is what would change now.</p>
% else:
<p class="lead">This is what would change. Nothing has been changed yet.</p>
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
<button class="button">Change all of this</button>
<a class="button plain" href="${request.route_path('exchange')}">Leave everything as it is</a>
</form>
<p class="quiet after">If you want to be able to go back, <a href="${request.route_path('exchange_export')}">download what
you have now</a> first.</p>
${more()}

% else:
<p class="lead">Nothing would change: what the file says is what you have.</p>
<p><a class="button plain" href="${request.route_path('exchange')}">Back</a></p>
${more()}
% endif

<%def name="more()">
<details class="after">
<summary>Edit the file</summary>
${edit("Change something, and look again.")}
</details>
</%def>

<%def name="edit(hint)">
<form method="post" action="${request.route_path('exchange')}" enctype="multipart/form-data">
${p.token()}
<div class="field">
<label for="content">The file</label>
<p class="hint" id="content-hint">${hint}</p>
<textarea class="code" id="content" name="content" rows="16" spellcheck="false" autocapitalize="off" autocomplete="off" aria-describedby="content-hint">
${review.content}</textarea>
</div>
<button class="button plain">See what would change</button>
</form>
</%def>
