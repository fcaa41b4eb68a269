## Verdicts, rule by rule: <%namespace name="v" file="verdict_parts.mako"/>, then ${v.reasons(…)}.
<%!
from fmn.text import sentence
%>

## What decided, and below it the exceptions that don’t apply.
<%def name="reasons(reasons)">
<ul class="verdict">
% for verdict in reasons.deciding:
${judged(verdict)}
% endfor
</ul>
% if reasons.exceptions:
<details>
<summary>${"1 exception, which doesn’t apply" if len(reasons.exceptions) == 1 else f"{len(reasons.exceptions)} exceptions, none of which apply"}</summary>
<ul class="verdict">
% for verdict in reasons.exceptions:
${judged(verdict)}
% endfor
</ul>
</details>
% endif
</%def>

<%def name="mark(holds)"><span class="${'mark yes' if holds else 'mark no'}">${"Yes" if holds else "No"}</span></%def>

<%def name="judged(verdict)">
<li>
<div class="rule">${mark(verdict.holds)}<span>${verdict.words}${":" if verdict.parts else ""}</span></div>
% if verdict.problem and not verdict.parts:
<p class="problem">${sentence(verdict.problem)}</p>
% endif
% if verdict.parts:
<ul class="verdict">
% for part in verdict.parts:
${judged(part)}
% endfor
</ul>
% endif
</li>
</%def>
