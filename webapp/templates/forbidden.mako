<%inherit file="layout.mako"/>
<%def name="title()">This isn’t yours to see</%def>
<h1>This isn’t yours to see</h1>
% if request.identity is None:
<p class="lead">You aren’t signed in, or not any more. Nothing was changed.</p>
<p><a class="button" href="${request.route_path('sign_in')}">Sign in</a></p>
% else:
<p class="lead">You are signed in as ${request.identity.nick}, who may not do this. Nothing was changed.</p>
<p>If you have another account, <a href="${request.route_path('account')}">sign out</a> first.
Administrators are named in the settings, <code>fmn.web.administrators</code>.</p>
% endif
