<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%namespace name="e" file="filter_editor_parts.mako"/>
<%def name="title()">${f"Filter “{target.chosen.name}”" if target.chosen else "New filter"}</%def>
<%def name="width()">wide</%def>
<%def name="scripts()"><script type="module" src="${request.static_path('webapp:static/editor.js')}"></script></%def>

<p class="eyebrow"><a href="${request.route_path('preference', context=target.preference.context)}">Your notifications by ${by}</a></p>
<h1>${self.title()}</h1>

<div id="notice">
% if shown.there is not None:
<section class="notice" role="alert">
<p>${shown.notice}</p>
<p>The saved filter is now <b>${shown.there.name}</b>:</p>
<p>${there}</p>
<p><a href="${request.route_path('filter', filter_id=target.filter_id)}">Discard my changes</a></p>
</section>
% elif shown.notice:
<p class="notice" role="alert">${shown.notice}</p>
% elif target.chosen and target.chosen.stop_reason:
<div class="notice"><p>This filter was switched off:</p><p>${target.chosen.stop_reason}</p></div>
% endif
% if asleep:
<p class="notice">This filter is snoozed until ${asleep}. To end the snooze now, switch it on below.</p>
% endif
</div>
% if not target.preference.enabled:
<p class="notice">This filter won’t send anything:
<a href="${request.route_path('preference', context=target.preference.context)}">${by} is switched off</a>.</p>
% endif

<form id="editor" method="post" novalidate
 action="${request.route_path('filter', filter_id=target.filter_id) if target.chosen else request.route_path('filter_new', context=target.preference.context)}"
 data-preview="${request.route_path('preview')}" data-completions="${request.route_path('completions', what='')}">
${p.token()}
<input type="hidden" name="context" value="${target.preference.context}">
% if target.chosen:
<input type="hidden" name="filter_id" value="${target.filter_id}">
% endif
## What the Enter key presses, wherever one types: it looks, and changes nothing.
<button class="hidden" name="do" value="look" tabindex="-1" aria-hidden="true">Preview</button>
<div class="two">
<div>
<div id="draft" class="draft">
% if draft.version is not None:
<input type="hidden" name="version" value="${draft.version}">
% endif
<input type="hidden" name="was_enabled" value="${str(draft.was_enabled).lower()}">
<input type="hidden" name="was_oneshot" value="${str(draft.was_oneshot).lower()}">
<input type="hidden" name="was_delay" value="${draft.was_delay}">
${p.field("name", "Name", draft.name, hint="If you leave this empty, we name the filter after its rules.", problem=shown.problems.get("name", ""), autocomplete="off", autofocus="name" in shown.problems)}

% if draft.text is None:
<input type="hidden" name="shape" value="rows">
<div class="split"><h2>Rules</h2>
<button class="button plain small" name="do" value="text">Edit as text</button></div>
% if rows:
<p class="hint">Notify me when ${"all of these rules match" if len(rows) > 1 else "this rule matches"}:</p>
<ul class="rows asked">
% for each in rows:
${e.row(each, shown.focus)}
% endfor
</ul>
% else:
${p.empty("No rules yet", "Add the rules that a message must match.")}
% endif
% else:
<input type="hidden" name="shape" value="text">
<div class="split"><h2>Rules as text</h2>
<button class="button plain small" name="do" value="rows">Edit as rows</button></div>
<div class="${'field wrong' if review.unreadable else 'field'}">
<label for="text">Expression</label>
<p class="hint" id="text-hint">Combine rules with <code>and</code>, <code>or</code>, <code>not</code> and parentheses, for example
<code>maintains(@me) and not (koji_tag or koji_untag)</code></p>
<textarea class="expression" id="text" name="text" rows="6" spellcheck="false" autocapitalize="none" autocomplete="off" aria-describedby="text-hint text-problem"${" aria-invalid=true" if review.unreadable else ""}${" autofocus" if shown.focus == "text" else ""}>
${draft.text}</textarea>
<p class="problem" id="text-problem" role="status">${review.unreadable}</p>
</div>
% endif
</div>

<div id="findings" aria-live="polite">${e.findings(review)}</div>

<details id="choice" class="choice"${" open" if open else ""}>
<summary>Add a rule</summary>
<div class="find">
${p.field("search", "Find a rule", choice.search, kind="search", hint="For example: build failed", autocomplete="off", autofocus=shown.focus == "search")}
<div class="field">
<label for="application">Application</label>
<select id="application" name="application">
<option value="">All applications</option>
% for group in groups:
<option value="${group.key}"${" selected" if group.key == choice.application else ""}>${group.title}</option>
% endfor
</select>
</div>
<button class="button plain" name="do" value="search" data-plain>Search</button>
</div>
<div id="offers" class="offers">${e.offers(choice)}</div>
</details>

<fieldset class="ticks">
<legend class="hidden">Status</legend>
${p.tick("enabled", "Switched on", draft.enabled)}
${p.tick("oneshot", "Only once", draft.oneshot, hint="The filter switches itself off after one match.")}
</fieldset>
${p.field("delay", "Delay failures by (minutes)", draft.delay, hint="If the failure recovers within this time, we send nothing. Leave empty for no delay.", problem=shown.problems.get("hold_minutes", ""), inputmode="numeric", autocomplete="off", autofocus="hold_minutes" in shown.problems, **{"class": "short"})}
${p.field("note", "Note to yourself", draft.note, hint="Why you have this filter, for example. Only you see it.", problem=shown.problems.get("owner_note", ""), autocomplete="off", autofocus="owner_note" in shown.problems)}
<div class="tools">
<button class="button" name="do" value="save">${"Overwrite" if shown.there is not None else "Save"}</button>
<button class="button plain" name="do" value="look" data-plain>Preview</button>
<a href="${request.route_path('preference', context=target.preference.context)}">Cancel</a>
</div>
</div>

<section class="sticky preview" aria-labelledby="preview-title">
<h2 id="preview-title">Preview</h2>
<p id="words" role="status">${e.words(draft, review, shown.review is not None)}</p>
<div id="panel">${e.panel(review, shown.explained)}</div>
<h2>Test with a message</h2>
<div class="find">
${p.field("message", "Message id", tried, hint="Paste an id, or choose one of the latest messages.", autocomplete="off", list="latest")}
<button class="button plain" name="do" value="look" data-plain>Test</button>
</div>
<datalist id="latest">
% for previewed in latest:
<option value="${previewed.msg_id}">${previewed.described.summary} (${previewed.described.application}, ${previewed.when})</option>
% endfor
</datalist>
<div id="tried" aria-live="polite">${e.tried(review)}</div>
</section>
</div>
</form>
