<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%namespace name="s" file="settings_parts.mako"/>
<%def name="aside()">${s.places()}</%def>
<%def name="title()">Your account</%def>
<p class="eyebrow">Your account</p>
<h1>${user.nick}</h1>
<p class="lead">This is your account name. “Me” in your filters means this name.</p>
<dl class="facts">
% if user.email:
<div><dt>E-mail</dt>
<dd>${user.email} (from your sign-in). To choose where we send notifications, edit
<a href="${request.route_path('preference', context='email')}">your addresses</a>.</dd></div>
% endif
% if signed_in:
<div><dt>Signed in</dt><dd>${signed_in}</dd></div>
% endif
<div><dt>Member since</dt><dd>${since}</dd></div>
</dl>

<h2 id="time-zone">Time zone</h2>
<form method="post" action="${request.route_path('account_time_zone')}">
${p.token()}
<div class="${'field wrong' if problem else 'field'}">
<label for="time_zone">Your time zone</label>
<p class="hint" id="time_zone-hint">Used for quiet hours, digests at set times, and all times on these pages.</p>
<select id="time_zone" name="time_zone" aria-describedby="time_zone-hint${' time_zone-problem' if problem else ''}"${' aria-invalid=true' if problem else ''}>
${option("UTC", "UTC")}
% if user.time_zone != "UTC" and not any(user.time_zone in names for names in zones.values()):
${option(user.time_zone, user.time_zone)}
% endif
% for region, names in zones.items():
<optgroup label="${region}">
% for name in names:
${option(name, zone_name(name))}
% endfor
</optgroup>
% endfor
</select>
% if problem:
<p class="problem" id="time_zone-problem">${problem}</p>
% endif
</div>
<button class="button">Save time zone</button>
</form>

<h2 id="sessions">Sessions</h2>
<p>If you lost a device or left a browser open somewhere, sign it out here. Signing out doesn’t stop programs that use
<a href="${request.route_path('tokens')}">API tokens</a>: revoke the tokens to stop them.</p>
<ul class="rows">
% for each in sessions:
<li class="split">
<div>
<h3>${each.browser}</h3>
<p class="quiet">Signed in ${time_element(request, each.created_at)}, last active ${time_element(request, each.last_seen_at)}.
% if each.id == request.me.session_id:
${p.state("This browser", "good")}
% endif
</p>
</div>
% if each.id == request.me.session_id:
${p.act(request.route_path("sign_out"), "Sign out", kind="button plain small", about="of this browser")}
% else:
${p.act(request.route_path("account_session", session_id=each.id), "Sign out", kind="button plain small", about=f"{each.browser}, signed in {when(each.created_at)}")}
% endif
</li>
% endfor
</ul>
<div class="tools">
${p.act(request.route_path("account_sessions"), "Sign out everywhere", kind="button plain")}
</div>

<h2>More settings</h2>
<ul class="ways">
<li><a href="${request.route_path('exchange')}">Import and export</a>
<span class="quiet">Back up your preferences, move them to another installation, or edit them as a file.</span></li>
<li><a href="${request.route_path('tokens')}">API tokens</a>
<span class="quiet">Let programs use FMN for you.</span></li>
<li><a href="${request.route_path('mutes')}">Mutes</a>
<span class="quiet">Event types, packages and threads that you get no notifications about.</span></li>
</ul>

<h2 id="feed">Private feed</h2>
<p>Read your notifications in a feed reader at <a href="${feed}">this address</a>. Anyone who knows the address can
read them. If somebody else has it, reset it.</p>
${p.act(request.route_path("account_feed"), "Reset feed address", kind="button plain")}

<h2>Your data</h2>
<p>Download your account, preferences, addresses, filters, mutes, tokens, notifications and deliveries in one JSON
file.</p>
<p class="tools"><a class="button plain" href="${request.route_path('account_export')}">Download my data</a>
<a class="button danger" href="${request.route_path('account_delete')}">Delete my account …</a></p>
<%def name="option(name, words)">\
<option value="${name}"${" selected" if name == user.time_zone else ""}>${words}</option>\
</%def>
