<%inherit file="layout.mako"/>
<%namespace name="a" file="addresses.mako"/>
<%namespace name="f" file="filters_list.mako"/>
<%namespace name="p" file="parts.mako"/>
<%namespace name="s" file="settings_parts.mako"/>
<%def name="aside()">${s.places()}</%def>
<%def name="title()">${heading}</%def>
<%def name="scripts()">${f.script()}${a.script(about)}</%def>
<%!
from fmn.text import capital
%>

<%def name="setting(name, heading, where)">
<% shown = forms[name] %>
<details class="setting" id="${name}"${" open" if shown.opened else ""}>
<summary><h3>${heading}</h3> <span class="quiet">${words[name]}</span></summary>
<form method="post" action="${request.route_path(where, context=it.context)}">
${p.token()}
<input type="hidden" name="version" value="${shown.values['version']}">
% if shown.conflict:
<p class="notice" role="alert">${fill(_("These settings were changed after you loaded the page, maybe in another window. The saved value is now {value}. Your choice is below: save again to replace it."), value=bold(words[name]))}</p>
% endif
% if "" in shown.problems:
<p class="notice" role="alert">${shown.problems[""]}</p>
% endif
${caller.body(values=shown.values, problems=shown.problems)}
<button class="button">${_("Save")}</button>
</form>
</details>
</%def>

<p class="eyebrow">${_("Your notifications by {channel}").format(channel=by)}</p>
<h1>${heading}</h1>
% for name, sentence in (("frequency", _("Your changes weren’t saved. Check the {link}schedule{end}.")), ("quiet", _("Your changes weren’t saved. Check the {link}quiet hours{end}.")), ("presentation", _("Your changes weren’t saved. Check the {link}format{end}."))):
% if forms[name].opened:
<p class="notice" role="alert">${fill(sentence, link=link(f"#{name}"))}</p>
% endif
% endfor
<div class="card split">
% if it.enabled and reachable:
<p>${p.state(_("On"), "good")} ${_("We send matching notifications {schedule}.").format(schedule=words["frequency"])}</p>
% elif it.enabled:
<p>${p.state(_("On"), "bad")} ${_("We can’t send anything yet: add and confirm an address.")}</p>
% else:
<p>${p.state(_("Off"))} ${_("We don’t send you anything by {channel}.").format(channel=by)}</p>
% endif
${p.act(request.route_path("preference_switch", context=it.context), (_("Switch {channel} off") if it.enabled else _("Switch {channel} on")).format(channel=by),
        kind="button plain small" if it.enabled else "button small", hidden={"on": "false" if it.enabled else "true"})}
</div>

${a.section(it, about, address_list_items, secrets, forms["address"], suggested)}

<section aria-labelledby="settings">
<h2 id="settings">${_("Delivery")}</h2>
<div class="settings">
<%self:setting name="frequency" heading="${_('Schedule')}" where="preference_frequency" args="values, problems">
<fieldset>
<legend>${_("When to send")}</legend>
<div class="option">
${p.tick("mode", _("Immediately"), values["mode"] == "once", "once", kind="radio", key="mode-once", hint=_("One notification for each event, within seconds."))}
</div>
<div class="option">
${p.tick("mode", _("In a digest"), values["mode"] == "digest", "digest", kind="radio", key="mode-digest", hint=_("Several notifications together."))}
<div class="more">
${p.field("digest_count", _("Send after this many notifications"), values["digest_count"], "number", problem=problems.get("digest_count", ""), min=2, max=1000, **{"class": "short"})}
<div class="${'field wrong' if 'digest_seconds' in problems else 'field'}">
<label for="digest_seconds">${_("Or this long after the first one")}</label>
<span class="pair">
<input class="short" id="digest_seconds" name="digest_seconds" type="number" min="1" value="${values['digest_seconds']}"${' aria-invalid=true aria-describedby=digest_seconds-problem' if 'digest_seconds' in problems else ""}>
<select class="short" name="unit" aria-label="${_('Unit of time')}">
% for unit, name in reversed(units.items()):
<option value="${unit}"${" selected" if values["unit"] == unit else ""}>${_(name)}</option>
% endfor
</select>
</span>
% if "digest_seconds" in problems:
<p class="problem" id="digest_seconds-problem">${problems["digest_seconds"]}</p>
% endif
</div>
<p class="hint">${_("Whichever comes first. You can leave one of them empty.")}</p>
</div>
</div>
<div class="option">
${p.tick("mode", _("At set times"), values["mode"] == "clock", "clock", kind="radio", key="mode-clock", hint=_("One digest at each time, unless it would be empty."))}
<div class="more">
${p.field("clock_times", _("Times"), values["clock_times"], hint=_("One or more times, separated by commas: 08:00, 17:30"), problem=problems.get("clock_times", ""), **{"class": "short"})}
<fieldset>
<legend>${_("Days")}</legend>
<div class="days">
% for day, name in enumerate(days):
${p.tick("clock_days", name, str(day) in values["clock_days"], str(day), key=f"day-{day}")}
% endfor
</div>
% if "clock_days" in problems:
<p class="problem" role="alert">${problems["clock_days"]}</p>
% endif
</fieldset>
${zone()}
</div>
</div>
</fieldset>
</%self:setting>

<%self:setting name="quiet" heading="${_('Quiet hours')}" where="preference_quiet" args="values, problems">
<p>${_("We send nothing between these times. Afterwards you get everything in one digest. Leave both times empty to turn quiet hours off.")}</p>
<div class="pair">
${p.field("quiet_from", _("From"), values["quiet_from"], "time", problem=problems.get("quiet_from", ""), **{"class": "short"})}
${p.field("quiet_until", _("Until"), values["quiet_until"], "time", problem=problems.get("quiet_until", ""), **{"class": "short"})}
</div>
${p.tick("quiet_lets_severe", _("Let urgent ones through"), values["quiet_lets_severe"], hint=_("Errors, such as a failed build, aren’t delayed if you get notifications immediately."))}
${zone()}
</%self:setting>

<%self:setting name="presentation" heading="${_('Format')}" where="preference_presentation" args="values, problems">
${p.tick("long_text", _("Full text"), values["long_text"], hint=_("Include the comment or the commit’s changes. Otherwise you get a one-sentence summary."))}
${p.tick("trigger_links", _("Reason and links"), values["trigger_links"], hint=_("Name the filter that matched, with links to the explanation and to stop the filter."))}
${p.tick("short_links", _("Short links"), values["short_links"], hint=_("Replace long links by short FMN links that redirect to them."))}
% if about.markup:
${p.tick("markup", capital(about.markup), values["markup"], hint=_("Otherwise you get plain text."))}
% elif values["markup"]:
<input type="hidden" name="markup" value="true">
% endif
% if about.mime_digests:
${p.tick("mime_digest", _("MIME digests"), values["mime_digest"], hint=_("Attach each notification as a separate plain-text mail, so that your mail program can open, sort and answer each one."))}
% elif values["mime_digest"]:
<input type="hidden" name="mime_digest" value="true">
% endif
</%self:setting>
</div>
</section>

<%def name="zone()">
<p class="hint">${_("Your time zone is {zone}.").format(zone=it.user.time_zone)} <a href="${request.route_path('account')}#time-zone">${_("Change time zone")}</a></p>
</%def>

<section aria-labelledby="filters">
<h2 id="filters">${_("Filters")}</h2>
${f.filters(own_filters)}
</section>
