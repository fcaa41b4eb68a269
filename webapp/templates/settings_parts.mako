## The aside of the pages on which people set something: <%namespace name="s" file="settings_parts.mako"/>, then
## <%def name="aside()">${s.places()}</%def>.
<%namespace name="layout" file="layout.mako"/>
<%!
from webapp.context_names import context_heading
from webapp.icons import channel_icon
%>
<%def name="places()">
<nav aria-label="${_('Settings')}">
${layout.place("account", _("Account"), "user")}
% for each in request.contexts:
${layout.place("preference", context_heading(each), channel_icon(each), parts={"context": each})}
% endfor
${layout.place("services", _("Add a channel"), "plus")}
${layout.place("groups", _("Groups"), "users")}
${layout.place("mutes", _("Mutes"), "bell-off")}
${layout.place("exchange", _("Import and export"), "download")}
${layout.place("tokens", _("API tokens"), "key-round")}
</nav>
</%def>
