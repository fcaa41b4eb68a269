<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">Sign in</%def>
<h1>Sign in</h1>
% if request.identity:
<p class="notice">You are signed in as ${request.identity.nick} already. <a href="${to or request.route_path('home')}">Go on</a></p>
% endif
% if provider:
<p class="lead">You sign in where your account is. FMN never sees your password: it’s told what your account is
called, and your e-mail address.</p>
<p><a class="button" href="${request.route_path('sign_in_begin', _query={'to': to} if to else {})}">Sign in with ${provider.name}</a></p>
% endif
% if anyone:
<p class="lead">This is a trial installation: whoever sits at this machine may be anyone.</p>
<form method="post" action="${request.route_path('sign_in')}">
${p.token()}
<input type="hidden" name="to" value="${to}">
${p.field("nick", "Account name", nick, problem=problems.get("nick", ""), autocomplete="username", required=True)}
<button class="button">Sign in</button>
</form>
% endif
% if elsewhere and not anyone:
<p class="lead">This is a trial installation. Only a browser on its own machine can sign in, without a proxy.</p>
<p>Open <code>${request.services.settings.web.base_url}</code> there.</p>
% elif not provider and not anyone:
<p class="lead">Nobody can sign in here yet.</p>
<p>If you run this FMN: register it with your project’s OpenID Connect provider, and set
<code>fmn.oidc.issuer</code>, <code>fmn.oidc.client_id</code> and <code>fmn.oidc.client_secret</code>. Your
<code>production.ini</code> explains each of them.</p>
<p>The links in mails work without signing in.</p>
% endif
