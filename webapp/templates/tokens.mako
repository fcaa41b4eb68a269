<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%namespace name="s" file="settings_parts.mako"/>
<%def name="aside()">${s.places()}</%def>
<%def name="title()">${_("API tokens")}</%def>
<%def name="scripts()"><script type="module" src="${request.static_path('webapp:static/copy.js')}"></script></%def>
<h1>${_("API tokens")}</h1>
<p class="lead">${fill(_("Programs use tokens to act for you, within the scopes you choose. See the {link}API reference{end}."), link=link(request.route_path("api")))}</p>

% if made:
<section class="card" aria-labelledby="made">
<h2 id="made">${_("Your new token")}</h2>
<div class="field">
<label for="token">${_("Copy “{name}” now. You won’t see it again").format(name=made_name)}</label>
<p class="hint" id="token-hint">${_("Anyone who has the token can use it. If it leaks, revoke it below.")}</p>
<input class="code" id="token" value="${made}" readonly aria-describedby="token-hint" autocomplete="off" spellcheck="false">
<button class="button plain" type="button" data-copy="token" data-copied="${_('Copied')}" hidden>${p.icon("copy")} ${_("Copy")}</button>
</div>
</section>
% endif

% if tokens:
<h2>${_("Your tokens")}</h2>
<ul class="rows">
% for token in tokens:
<% over = token.expires_at is not None and token.expires_at <= now %>
<li class="split">
<div>
<h3>${token.name}</h3>
<p class="quiet">${_("Publishes events.") if publishes(token) else _("Read and write.") if changes(token) else _("Read only.")}
${fill(_("Created {when}."), when=time_element(request, token.created_at))}
${fill(_("Last used {when}."), when=time_element(request, token.last_used_at)) if token.last_used_at else _("Never used.")}
% if over:
${p.state(_("Expired"), "bad")}
% elif token.expires_at:
${_("Expires {date}.").format(date=day(token.expires_at))}
% else:
${_("Doesn’t expire.")}
% endif
</p>
</div>
${p.act(request.route_path("token_revoke", token_id=token.id), _("Revoke"), kind="button danger small", about=token.name)}
</li>
% endfor
</ul>
% else:
${p.empty(_("No tokens yet"), _("Create one token for each program, so that you can revoke one without stopping the others."))}
% endif

<h2 id="new">${_("Create a token")}</h2>
<form id="make" method="post" action="${request.route_path('tokens')}">
${p.token()}
${p.field("name", _("Name"), typed["name"], hint=_("For example: backup on my laptop."), problem=problems.get("name", ""), maxlength=100, required=True, autocomplete="off")}
<fieldset>
<legend>${_("Scopes")}</legend>
% if "may" in problems:
<p class="problem">${problems["may"]}</p>
% endif
${p.tick("may", _("Read"), typed["may"] == "read", value="read", kind="radio", key="may-read", hint=_("Read your preferences, filters, inbox and the catalogue."))}
${p.tick("may", _("Read and write"), typed["may"] == "change", value="change", kind="radio", key="may-change", hint=_("Also change everything you can change, except your account and its tokens."))}
% if may_publish:
${p.tick("may", _("Publish events"), typed["may"] == "publish", value="publish", kind="radio", key="may-publish", hint=_("Send events to everybody’s filters, and nothing else. Only administrators can create and use such a token."))}
% endif
</fieldset>
<div class="${'field wrong' if 'end' in problems else 'field'}">
<label for="end">${_("Expires")}</label>
<select class="short" id="end" name="end">
% for value, words in ends.items():
<option value="${value}"${" selected" if typed["end"] == value else ""}>${_(words)}</option>
% endfor
</select>
% if "end" in problems:
<p class="problem">${problems["end"]}</p>
% endif
</div>
<button class="button">${_("Create token")}</button>
</form>
