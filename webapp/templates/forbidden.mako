<%inherit file="layout.mako"/>
<%def name="title()">Access denied</%def>
<h1>Access denied</h1>
% if request.identity is None:
<p class="lead">You aren’t signed in, or your session has ended. Nothing was changed. Sign in and try again.</p>
<p><a class="button" href="${request.route_path('sign_in')}">Sign in</a></p>
% else:
<p class="lead">You’re signed in as ${request.identity.nick}, who isn’t allowed to do this. Nothing was changed.</p>
<p>To use another account, <a href="${request.route_path('account')}">sign out</a> first.
The setting <code>fmn.web.administrators</code> names the administrators.</p>
% endif
