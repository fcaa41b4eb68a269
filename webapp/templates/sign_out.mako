<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">${_("Sign out") if request.identity else _("You’re signed out")}</%def>
<%def name="links()">
% if provider_logout_url:
<meta http-equiv="refresh" content="0; url=${provider_logout_url}">
% endif
</%def>
% if request.identity:
<h1>${_("Sign out")}</h1>
<p class="lead">${_("You’re signed in as {nick}.").format(nick=request.identity.nick)}</p>
${p.act(request.route_path("sign_out"), _("Sign out"), kind="button")}
% else:
<h1>${_("You’re signed out")}</h1>
% if provider_logout_url:
<p class="lead">${_("Next, sign out of {provider} too.").format(provider=request.provider.name)}</p>
<p><a class="button" href="${provider_logout_url}">${_("Continue")}</a></p>
% else:
<p class="lead">${_("Other people who use this browser can’t see your account.")}</p>
% if problem:
<p class="notice">${_("You may still be signed in at {provider}.").format(provider=request.provider.name)} ${problem}</p>
% endif
<p><a class="button" href="${request.route_path('sign_in')}">${_("Sign in again")}</a></p>
% endif
% endif
