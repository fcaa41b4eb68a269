<%inherit file="layout.mako"/>
<%def name="title()">${_("We couldn’t sign you in")}</%def>
<h1>${_("We couldn’t sign you in")}</h1>
<p class="lead">${sentence}</p>
% if request.identity:
<p>${_("You’re already signed in as {nick}.").format(nick=request.identity.nick)} <a href="${request.route_path('home')}">${_("Continue")}</a></p>
% endif
<p><a class="button" href="${request.route_path('sign_in_begin', _query={'to': to} if to else {})}">${_("Try again")}</a></p>
<p class="quiet">${_("If this keeps happening, contact your FMN administrator and say when it happened. The links in mails work without signing in.")}</p>
