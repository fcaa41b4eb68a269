<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">API tokens</%def>
<p class="eyebrow"><a href="${request.route_path('account')}">Your account</a></p>
<h1>API tokens</h1>
<p class="lead">A program that has a token of yours can do what you do here, within what the token allows. The
<a href="${request.route_path('api')}">API’s description</a> says how.</p>

% if made:
<section class="card" aria-labelledby="made">
<h2 id="made">Your new token</h2>
<div class="field">
<label for="token">Copy “${made_name}” now: it’s shown this once</label>
<p class="hint" id="token-hint">Whoever has it can use it. If it gets into wrong hands, revoke it below.</p>
<input class="code" id="token" value="${made}" readonly aria-describedby="token-hint" autocomplete="off" spellcheck="false">
</div>
</section>
% endif

% if tokens:
<h2>Your tokens</h2>
<ul class="rows">
% for token in tokens:
<% over = token.expires_at is not None and token.expires_at <= now %>
<li class="split">
<div>
<h3>${token.name}</h3>
<p class="quiet">${"Reads and changes" if changes(token) else "Reads"}, made ${when(token.created_at)},
${f"last used {when(token.last_used_at)}" if token.last_used_at else "never used"}.
% if over:
${p.state("Expired", "bad")}
% elif token.expires_at:
Holds until ${day(token.expires_at)}.
% else:
Holds until it’s revoked.
% endif
</p>
</div>
${p.act(request.route_path("token_revoke", token_id=token.id), "Revoke", kind="button danger small", about=token.name)}
</li>
% endfor
</ul>
% else:
${p.empty("You have no tokens", "Make one for each program that is to act for you, so that you can end one without the others.")}
% endif

<h2 id="new">Make a token</h2>
<form id="make" method="post" action="${request.route_path('tokens')}">
${p.token()}
${p.field("name", "What it’s for", typed["name"], hint="Such as “backup on my laptop”.", problem=problems.get("name", ""), maxlength=100, required=True, autocomplete="off")}
<fieldset>
<legend>What it may do</legend>
% if "may" in problems:
<p class="problem">${problems["may"]}</p>
% endif
${p.tick("may", "Read", typed["may"] == "read", value="read", kind="radio", key="may-read", hint="See your preferences, filters, inbox and the catalogue.")}
${p.tick("may", "Read and change", typed["may"] == "change", value="change", kind="radio", key="may-change", hint="And everything that you can change yourself, but for your account and its tokens.")}
</fieldset>
<div class="${'field wrong' if 'end' in problems else 'field'}">
<label for="end">It ends</label>
<select class="short" id="end" name="end">
% for value, words in ends.items():
<option value="${value}"${" selected" if typed["end"] == value else ""}>${words}</option>
% endfor
</select>
% if "end" in problems:
<p class="problem">${problems["end"]}</p>
% endif
</div>
<button class="button">Make the token</button>
</form>
