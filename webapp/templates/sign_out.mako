<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">${"Sign out" if request.identity else "You’re signed out"}</%def>
<%def name="links()">
% if provider_logout_url:
<meta http-equiv="refresh" content="0; url=${provider_logout_url}">
% endif
</%def>
% if request.identity:
<h1>Sign out</h1>
<p class="lead">You’re signed in as ${request.identity.nick}.</p>
${p.act(request.route_path("sign_out"), "Sign out", kind="button")}
% else:
<h1>You’re signed out</h1>
% if provider_logout_url:
<p class="lead">Next, sign out of ${request.provider.name} too.</p>
<p><a class="button" href="${provider_logout_url}">Continue</a></p>
% else:
<p class="lead">Other people who use this browser can’t see your account.</p>
% if problem:
<p class="notice">You may still be signed in at ${request.provider.name}. ${problem}</p>
% endif
<p><a class="button" href="${request.route_path('sign_in')}">Sign in again</a></p>
% endif
% endif
