## Why one message of a preview matches.
<%namespace name="v" file="verdict_parts.mako"/>
% if tried and tried.reasons:
${v.reasons(tried.reasons)}
% else:
<p class="quiet">${_("The explanation isn’t available right now. Try again in a minute.")}</p>
% endif
