<%inherit file="layout.mako"/>
<%namespace name="a" file="admin_parts.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">${_("People")}</%def>
<%!
from webapp.context_names import context_name
%>
<%def name="width()">wide</%def>
<%def name="aside()">${a.places()}</%def>
<h1>${_("People")}</h1>
<form method="get" action="${request.route_path('admin_people')}" role="search" class="find">
${p.field("q", _("Search"), wanted, kind="search", hint=_("Part of an account name, or a complete address."))}
<button class="button">${_("Search")}</button>
</form>
% if found:
<ul class="rows">
% for each in found:
<li class="split">
<span><a href="${request.route_path('admin_person', nick=each.nick)}">${each.nick}</a></span>
<span class="quiet">${_("on: {channels}").format(channels=", ".join(map(context_name, each.contexts))) if each.contexts else _("everything off")} ·
${fill(_("signed in {date}"), date=day_element(request, each.signed_in_at)) if each.signed_in_at else _("never signed in")}
</span>
</li>
% endfor
</ul>
% if next:
<p class="pages"><a href="${request.route_path('admin_people', _query={'q': wanted, 'after': next})}">${_("More people")}</a></p>
% endif
% else:
${p.empty(_("No matches"), _("Try part of the name, or the complete address.")) if wanted else p.empty(_("No accounts yet"), _("FMN creates an account when somebody signs in or joins certain groups."))}
% endif
