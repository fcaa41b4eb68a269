<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">${_("Sign in")}</%def>
<h1>${_("Sign in")}</h1>
% if request.identity:
<p class="notice">${_("You’re already signed in as {nick}.").format(nick=request.identity.nick)} <a href="${to or request.route_path('home')}">${_("Continue")}</a></p>
% endif
% if provider:
<p class="lead">${_("FMN never sees your password. It gets only your account name and e-mail address.")}</p>
<p><a class="button" href="${request.route_path('sign_in_begin', _query={'to': to} if to else {})}">${_("Sign in with {provider}").format(provider=provider.name)}</a></p>
% endif
% if anyone:
<p class="lead">${_("This is a trial installation: anyone at this machine can sign in with any account name.")}</p>
<form method="post" action="${request.route_path('sign_in')}">
${p.token()}
<input type="hidden" name="to" value="${to}">
${p.field("nick", _("Account name"), nick, problem=problems.get("nick", ""), autocomplete="username", required=True)}
<button class="button">${_("Sign in")}</button>
</form>
% endif
% if elsewhere and not anyone:
<p class="lead">${_("This is a trial installation. You can sign in only with a browser on the same machine, without a proxy.")}</p>
<p>${fill(_("Open {address} on that machine."), address=literal(request.services.settings.web.base_url))}</p>
% elif not provider and not anyone:
<p class="lead">${_("Sign-in isn’t configured yet.")}</p>
<p>${fill(_("Administrators: register FMN with your project’s OpenID Connect provider and set {issuer}, {id} and {secret}. Your {file} explains each setting."), issuer=literal("fmn.oidc.issuer"), id=literal("fmn.oidc.client_id"), secret=literal("fmn.oidc.client_secret"), file=literal("production.ini"))}</p>
<p>${_("The links in mails work without signing in.")}</p>
% endif
