## What the filter editor's script puts in its places while one edits.
<%namespace name="e" file="filter_editor_parts.mako"/>
<p id="words">${e.words(draft, review, True)}</p>
<p id="text-problem">${review.unreadable}</p>
<div id="findings">${e.findings(review)}</div>
<div id="panel">${e.panel(review)}</div>
<div id="tried">${e.tried(review)}</div>
