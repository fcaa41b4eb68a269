## What the filter editor's script puts in its places while one edits.
<%namespace name="e" file="filter_editor_parts.mako"/>
<p id="words">${e.words(draft, review, True)}</p>
<div id="text-problem">${e.text_problem(review)}</div>
<div id="findings">${e.findings(review)}</div>
<div id="panel">${e.panel(review)}</div>
<div id="tried">${e.tried(review)}</div>
