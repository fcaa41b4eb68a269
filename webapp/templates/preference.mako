<%inherit file="layout.mako"/>
<%namespace name="a" file="addresses.mako"/>
<%namespace name="f" file="filters_list.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">${heading}</%def>
<%def name="scripts()">${f.script()}</%def>
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
<p class="notice" role="alert">Something on this page was saved since you loaded it, maybe in another window. Now
it’s <b>${words[name]}</b>. Below is what you chose: save it once more if you still want it.</p>
% endif
% if "" in shown.problems:
<p class="notice" role="alert">${shown.problems[""]}</p>
% endif
${caller.body(values=shown.values, problems=shown.problems)}
<button class="button">Save</button>
</form>
</details>
</%def>

<p class="eyebrow">What you’re sent by ${by}</p>
<h1>${heading}</h1>
% for name, named in (("frequency", "How often"), ("quiet", "Quiet hours"), ("presentation", "What it looks like")):
% if forms[name].opened:
<p class="notice" role="alert">Nothing was saved: <a href="#${name}">${named}</a> needs another look.</p>
% endif
% endfor
<div class="card split">
% if it.enabled and reachable:
<p>${p.state("On", "good")} What your filters let through is sent to you ${words["frequency"]}.</p>
% elif it.enabled:
<p>${p.state("On", "bad")} But nothing can be sent: you have no confirmed address.</p>
% else:
<p>${p.state("Off")} Nothing is sent to you by ${by}.</p>
% endif
${p.act(request.route_path("preference_switch", context=it.context), f"Switch {by} off" if it.enabled else f"Switch {by} on",
        kind="button plain small" if it.enabled else "button small", hidden={"on": "false" if it.enabled else "true"})}
</div>

${a.section(it, about, address_list_items, secrets, forms["address"], suggested)}

<section aria-labelledby="settings">
<h2 id="settings">How it’s sent</h2>
<div class="settings">
<%self:setting name="frequency" heading="How often" where="preference_frequency" args="values, problems">
<fieldset>
<legend>When is it sent?</legend>
<div class="option">
${p.tick("mode", "At once", values["mode"] == "once", "once", kind="radio", key="mode-once", hint="Each message by itself, as soon as it happens.")}
</div>
<div class="option">
${p.tick("mode", "In a digest", values["mode"] == "digest", "digest", kind="radio", key="mode-digest", hint="Several messages together.")}
<div class="more">
${p.field("digest_count", "After so many messages", values["digest_count"], "number", problem=problems.get("digest_count", ""), min=2, max=1000, **{"class": "short"})}
<div class="${'field wrong' if 'digest_seconds' in problems else 'field'}">
<label for="digest_seconds">Or so long after the first one</label>
<span class="pair">
<input class="short" id="digest_seconds" name="digest_seconds" type="number" min="1" value="${values['digest_seconds']}"${' aria-invalid=true aria-describedby=digest_seconds-problem' if 'digest_seconds' in problems else ""}>
<select class="short" name="unit" aria-label="Unit of that time">
% for unit, name in reversed(units.items()):
<option value="${unit}"${" selected" if values["unit"] == unit else ""}>${name}</option>
% endfor
</select>
</span>
% if "digest_seconds" in problems:
<p class="problem" id="digest_seconds-problem">${problems["digest_seconds"]}</p>
% endif
</div>
<p class="hint">Whichever comes first. One of them may be empty.</p>
</div>
</div>
<div class="option">
${p.tick("mode", "By the clock", values["mode"] == "clock", "clock", kind="radio", key="mode-clock", hint="One digest at each of these times, if there’s anything to tell.")}
<div class="more">
${p.field("clock_times", "At", values["clock_times"], hint="One time of day or several: 08:00, 17:30", problem=problems.get("clock_times", ""), **{"class": "short"})}
<fieldset>
<legend>On</legend>
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

<%self:setting name="quiet" heading="Quiet hours" where="preference_quiet" args="values, problems">
<p>From one time of day until another, nothing is sent. What comes meanwhile is told together afterwards. Leave both
times empty for no quiet hours.</p>
<div class="pair">
${p.field("quiet_from", "From", values["quiet_from"], "time", problem=problems.get("quiet_from", ""), **{"class": "short"})}
${p.field("quiet_until", "Until", values["quiet_until"], "time", problem=problems.get("quiet_until", ""), **{"class": "short"})}
</div>
${p.tick("quiet_lets_severe", "Severe ones come anyway", values["quiet_lets_severe"], hint="Errors and the like aren’t held up, if you’re sent messages at once.")}
${zone()}
</%self:setting>

<%self:setting name="presentation" heading="What it looks like" where="preference_presentation" args="values, problems">
${p.tick("long_text", "The whole text", values["long_text"], hint="A comment’s words, a commit’s changes. Without it, a sentence says what happened.")}
${p.tick("trigger_links", "What triggered it", values["trigger_links"], hint="The filter that let it through, and a link that says why in full.")}
${p.tick("short_links", "Short links", values["short_links"], hint="Links of FMN’s own that lead to the long ones.")}
% if about.markup:
${p.tick("markup", capital(about.markup), values["markup"], hint="Without it there’s plain text alone.")}
% elif values["markup"]:
<input type="hidden" name="markup" value="true">
% endif
% if about.mime_digests:
${p.tick("mime_digest", "Digests with a mail for each message", values["mime_digest"], hint="Your mail program can open, sort and answer each of them (a MIME digest, in plain text).")}
% elif values["mime_digest"]:
<input type="hidden" name="mime_digest" value="true">
% endif
</%self:setting>
</div>
</section>

<%def name="zone()">
<p class="hint">In your time zone, ${it.user.time_zone}. <a href="${request.route_path('account')}#time-zone">Change it</a></p>
</%def>

<section aria-labelledby="filters">
<h2 id="filters">Filters</h2>
${f.filters(own_filters)}
</section>
