## Verdicts, rule by rule: <%namespace name="v" file="verdict_parts.mako"/>, then ${v.reasons(…)}.
<%!
from fmn.localized import number_text
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
<summary>${ngettext("{number} exception, which doesn’t apply", "{number} exceptions, none of which apply", len(reasons.exceptions)).format(number=number_text(len(reasons.exceptions)))}</summary>
<ul class="verdict">
% for verdict in reasons.exceptions:
${judged(verdict)}
% endfor
</ul>
</details>
% endif
</%def>

<%def name="answer(holds)"><span class="${'mark yes' if holds else 'mark no'}">${_("Yes") if holds else _("No")}</span></%def>

<%def name="judged(verdict)">
<li>
<div class="rule">${answer(verdict.holds)}\
% if verdict.parts:
<span>${_(verdict.words)}:</span></div>
% else:
<span${english()}>${verdict.words}</span></div>
% endif
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
