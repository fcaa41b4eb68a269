<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%namespace name="s" file="settings_parts.mako"/>
<%def name="aside()">${s.places()}</%def>
<%def name="title()">${_("Your account")}</%def>
<p class="eyebrow">${_("Your account")}</p>
<h1>${user.nick}</h1>
<p class="lead">${_("This is your account name. “Me” in your filters means this name.")}</p>
<dl class="facts">
% if user.email:
<div><dt>${_("E-mail")}</dt>
<dd>${fill(_("{address} (from your sign-in). To choose where we send notifications, edit {link}your addresses{end}."), address=user.email, link=link(request.route_path("preference", context="email")))}</dd></div>
% endif
% if signed_in:
<div><dt>${_("Signed in")}</dt><dd>${signed_in}</dd></div>
% endif
<div><dt>${_("Member since")}</dt><dd>${since}</dd></div>
</dl>

<h2 id="time-zone">${_("Time zone")}</h2>
<form method="post" action="${request.route_path('account_time_zone')}">
${p.token()}
<div class="${'field wrong' if 'time_zone' in problems else 'field'}">
<label for="time_zone">${_("Your time zone")}</label>
<p class="hint" id="time_zone-hint">${_("Used for quiet hours, digests at set times, and all times on these pages.")}</p>
<select id="time_zone" name="time_zone" aria-describedby="time_zone-hint${' time_zone-problem' if 'time_zone' in problems else ''}"${' aria-invalid=true' if 'time_zone' in problems else ''}>
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
% if "time_zone" in problems:
<p class="problem" id="time_zone-problem">${problems["time_zone"]}</p>
% endif
</div>
<button class="button">${_("Save time zone")}</button>
</form>

<h2 id="language-heading">${_("Language")}</h2>
<form method="post" action="${request.route_path('account_language')}">
${p.token()}
<div class="${'field wrong' if 'language' in problems else 'field'}">
<label for="language">${_("Your language")}</label>
<p class="hint" id="language-hint">${_("Used for these pages and your mails. What happened in the project is told in English.")} ${_("If it follows your browser, mails are in English.")}</p>
<select id="language" name="language" aria-describedby="language-hint${' language-problem' if 'language' in problems else ''}"${' aria-invalid=true' if 'language' in problems else ''}>
<option value=""${"" if user.language else " selected"}>${_("As in my browser ({language})").format(language=browsers_language)}</option>
% for code, name in languages.items():
<option value="${code}" lang="${code}"${" selected" if code == user.language else ""}>${name}</option>
% endfor
</select>
% if "language" in problems:
<p class="problem" id="language-problem">${problems["language"]}</p>
% endif
</div>
<button class="button">${_("Save language")}</button>
</form>

<h2 id="sessions">${_("Sessions")}</h2>
<p>${fill(_("If you lost a device or left a browser open somewhere, sign it out here. Signing out doesn’t stop programs that use {link}API tokens{end}: revoke the tokens to stop them."), link=link(request.route_path("tokens")))}</p>
<ul class="rows">
% for each in sessions:
<li class="split">
<div>
<h3>${browser_text(each.browser)}</h3>
<p class="quiet">${fill(_("Signed in {signed_in}, last active {active}."), signed_in=time_element(request, each.created_at), active=time_element(request, each.last_seen_at))}
% if each.id == request.me.session_id:
${p.state(_("This browser"), "good")}
% endif
</p>
</div>
% if each.id == request.me.session_id:
${p.act(request.route_path("sign_out"), _("Sign out"), kind="button plain small", about=_("of this browser"))}
% else:
${p.act(request.route_path("account_session", session_id=each.id), _("Sign out"), kind="button plain small", about=_("{browser}, signed in {when}").format(browser=browser_text(each.browser), when=when(each.created_at)))}
% endif
</li>
% endfor
</ul>
<div class="tools">
${p.act(request.route_path("account_sessions"), _("Sign out everywhere"), kind="button plain")}
</div>

<h2>${_("More settings")}</h2>
<ul class="ways">
<li><a href="${request.route_path('exchange')}">${_("Import and export")}</a>
<span class="quiet">${_("Back up your preferences, move them to another installation, or edit them as a file.")}</span></li>
<li><a href="${request.route_path('tokens')}">${_("API tokens")}</a>
<span class="quiet">${_("Let programs use FMN for you.")}</span></li>
<li><a href="${request.route_path('mutes')}">${_("Mutes")}</a>
<span class="quiet">${_("Event types, packages and threads that you get no notifications about.")}</span></li>
</ul>

<h2 id="feed">${_("Private feed")}</h2>
<p>${fill(_("Read your notifications in a feed reader at {link}this address{end}. Anyone who knows the address can read them. If somebody else has it, reset it."), link=link(feed))}</p>
${p.act(request.route_path("account_feed"), _("Reset feed address"), kind="button plain")}

<h2>${_("Your data")}</h2>
<p>${_("Download your account, preferences, addresses, filters, mutes, tokens, notifications and deliveries in one JSON file.")}</p>
<p class="tools"><a class="button plain" href="${request.route_path('account_export')}">${_("Download my data")}</a>
<a class="button danger" href="${request.route_path('account_delete')}">${_("Delete my account …")}</a></p>
<%def name="option(name, words)">\
<option value="${name}"${" selected" if name == user.time_zone else ""}>${words}</option>\
</%def>
