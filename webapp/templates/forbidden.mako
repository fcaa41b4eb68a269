<%inherit file="layout.mako"/>
<%def name="title()">${_("Access denied")}</%def>
<h1>${_("Access denied")}</h1>
% if request.identity is None:
<p class="lead">${_("You aren’t signed in, or your session has ended. Nothing was changed. Sign in and try again.")}</p>
<p><a class="button" href="${request.route_path('sign_in')}">${_("Sign in")}</a></p>
% else:
<p class="lead">${_("You’re signed in as {nick}, who isn’t allowed to do this. Nothing was changed.").format(nick=request.identity.nick)}</p>
<p>${fill(_("To use another account, {link}sign out{end} first. The setting {setting} names the administrators."), link=link(request.route_path("account")), setting=literal("fmn.web.administrators"))}</p>
% endif
