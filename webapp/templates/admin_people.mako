<%inherit file="layout.mako"/>
<%namespace name="a" file="admin_parts.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">People</%def>
<%def name="width()">wide</%def>
<%def name="aside()">${a.places()}</%def>
<h1>People</h1>
<form method="get" action="${request.route_path('admin_people')}" role="search">
${p.field("q", "Search", wanted, kind="search", hint="Part of an account name, or a complete address.")}
<button class="button">Search</button>
</form>
% if found:
<ul class="rows">
% for each in found:
<li class="split">
<span><a href="${request.route_path('admin_person', nick=each.nick)}">${each.nick}</a></span>
<span class="quiet">${f"on: {', '.join(each.contexts)}" if each.contexts else "everything off"} ·
% if each.signed_in_at:
signed in ${f"{each.signed_in_at:%Y-%m-%d}"}
% else:
never signed in
% endif
</span>
</li>
% endfor
</ul>
% if next:
<p class="pages"><a href="${request.route_path('admin_people', _query={'q': wanted, 'after': next})}">More people</a></p>
% endif
% else:
${p.empty("No matches", "Try part of the name, or the complete address.") if wanted else p.empty("No accounts yet", "FMN creates an account when somebody signs in or joins certain groups.")}
% endif
