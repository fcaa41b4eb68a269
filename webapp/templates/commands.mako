## The command palette, which a script fetches and shows.
<%namespace name="p" file="parts.mako"/>
<dialog id="palette" aria-label="${_('Commands')}">
<input type="text" aria-label="${_('Go to a page, a search or an action')}" placeholder="${_('Go to…')}" autocomplete="off" autofocus>
<ul>
% for command in commands:
<li><a href="${command.address}">${p.icon(command.icon)}<span>${command.words}</span></a></li>
% endfor
</ul>
</dialog>
