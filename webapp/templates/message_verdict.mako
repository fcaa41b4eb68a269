## Why one message of a preview matches.
<%namespace name="v" file="verdict_parts.mako"/>
% if tried and tried.reasons:
${v.reasons(tried.reasons)}
% else:
<p class="quiet">That can’t be said just now.</p>
% endif
