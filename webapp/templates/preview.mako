## What the filter editor's script puts in its places while one edits.
<%namespace name="e" file="editor_parts.mako"/>
<p id="words">${e.words(draft, look, True)}</p>
<p id="text-problem">${look.unreadable}</p>
<div id="findings">${e.findings(look)}</div>
<div id="panel">${e.panel(look)}</div>
<div id="tried">${e.tried(look)}</div>
