<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">Sign in</%def>
<h1>Sign in</h1>
% if anyone:
<p class="lead">This is a trial installation: whoever sits at this machine may be anyone.</p>
<form method="post" action="${request.route_path('sign_in')}">
${p.token()}
<input type="hidden" name="to" value="${to}">
${p.field("nick", "Account name", nick, problem=problems.get("nick", ""), autocomplete="username", required=True)}
<button class="button">Sign in</button>
</form>
% endif
