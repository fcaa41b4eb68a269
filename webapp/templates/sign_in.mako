<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">Sign in</%def>
<h1>Sign in</h1>
% if request.identity:
<p class="notice">You’re already signed in as ${request.identity.nick}. <a href="${to or request.route_path('home')}">Continue</a></p>
% endif
% if provider:
<p class="lead">FMN never sees your password. It gets only your account name and e-mail address.</p>
<p><a class="button" href="${request.route_path('sign_in_begin', _query={'to': to} if to else {})}">Sign in with ${provider.name}</a></p>
% endif
% if anyone:
<p class="lead">This is a trial installation: anyone at this machine can sign in with any account name.</p>
<form method="post" action="${request.route_path('sign_in')}">
${p.token()}
<input type="hidden" name="to" value="${to}">
${p.field("nick", "Account name", nick, problem=problems.get("nick", ""), autocomplete="username", required=True)}
<button class="button">Sign in</button>
</form>
% endif
% if elsewhere and not anyone:
<p class="lead">This is a trial installation. You can sign in only with a browser on the same machine, without a
proxy.</p>
<p>Open <code>${request.services.settings.web.base_url}</code> on that machine.</p>
% elif not provider and not anyone:
<p class="lead">Sign-in isn’t configured yet.</p>
<p>Administrators: register FMN with your project’s OpenID Connect provider and set
<code>fmn.oidc.issuer</code>, <code>fmn.oidc.client_id</code> and <code>fmn.oidc.client_secret</code>. Your
<code>production.ini</code> explains each setting.</p>
<p>The links in mails work without signing in.</p>
% endif
