<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">Your account</%def>
<p class="eyebrow">Your account</p>
<h1>${user.nick}</h1>
<p class="lead">That’s what messages call you, and what “me” means in your filters.</p>
<dl class="facts">
% if user.email:
<div><dt>E-mail</dt>
<dd>${user.email}, as your sign-in says. Where FMN writes to is up to you:
<a href="${request.route_path('preference', context='email')}">your addresses</a></dd></div>
% endif
% if signed_in:
<div><dt>Signed in</dt><dd>${signed_in}</dd></div>
% endif
<div><dt>Here since</dt><dd>${since}</dd></div>
</dl>

<h2 id="time-zone">Time zone</h2>
<form method="post" action="${request.route_path('account_time_zone')}">
${p.token()}
<div class="${'field wrong' if problem else 'field'}">
<label for="time_zone">Where your clock is</label>
<p class="hint" id="time_zone-hint">Quiet hours and digests by the clock go by it, and so do times on these pages.</p>
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
<button class="button">Save the time zone</button>
</form>

<h2 id="sessions">Where you’re signed in</h2>
<p>If you lost a device, or left a browser open somewhere, sign out there. Programs with
<a href="${request.route_path('tokens')}">API tokens</a> go on; revoke the tokens to stop them.</p>
<ul class="rows">
% for each in sessions:
<li class="split">
<div>
<h3>${each.browser}</h3>
<p class="quiet">Signed in ${when(each.created_at)}, last seen ${when(each.last_seen_at)}.
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

<h2>More that is yours</h2>
<ul class="ways">
<li><a href="${request.route_path('exchange')}">Preferences as a file</a>
<span class="quiet">Keep them, move them elsewhere, or edit them and see what would change.</span></li>
<li><a href="${request.route_path('tokens')}">API tokens</a>
<span class="quiet">For programs that act for you.</span></li>
<li><a href="${request.route_path('mutes')}">What you muted</a>
<span class="quiet">Kinds of events, packages and threads that you don’t hear of.</span></li>
</ul>

<h2 id="feed">Private feed</h2>
<p>A feed reader shows what concerns you at <a href="${feed}">this address</a>. Whoever knows the address can read
along: if it got into wrong hands, make a new one.</p>
${p.act(request.route_path("account_feed"), "Make a new address", kind="button plain")}

<h2>What FMN knows about you</h2>
<p>Your account, preferences, addresses, filters, mutes and tokens, what concerned you and what was sent: all of
it in one file, for you or for a program.</p>
<p class="tools"><a class="button plain" href="${request.route_path('account_export')}">Download everything</a>
<a class="button danger" href="${request.route_path('account_delete')}">Delete my account …</a></p>
<%def name="option(name, words)">\
<option value="${name}"${" selected" if name == user.time_zone else ""}>${words}</option>\
</%def>
