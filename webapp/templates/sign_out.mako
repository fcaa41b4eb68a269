<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">${"Sign out" if request.identity else "You are signed out"}</%def>
<%def name="links()">
% if provider_logout_url:
<meta http-equiv="refresh" content="0; url=${provider_logout_url}">
% endif
</%def>
% if request.identity:
<h1>Sign out</h1>
<p class="lead">You are signed in as ${request.identity.nick}.</p>
${p.act(request.route_path("sign_out"), "Sign out", kind="button")}
% else:
<h1>You are signed out</h1>
% if provider_logout_url:
<p class="lead">You go on to ${request.provider.name} now, to sign out there as well.</p>
<p><a class="button" href="${provider_logout_url}">Go on</a></p>
% else:
<p class="lead">Nobody who uses this browser after you sees what is yours.</p>
% if problem:
<p class="notice">You may still be signed in with ${request.provider.name}. ${problem}</p>
% endif
<p><a class="button" href="${request.route_path('sign_in')}">Sign in again</a></p>
% endif
% endif
