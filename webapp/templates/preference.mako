<%inherit file="layout.mako"/>
<%namespace name="f" file="filters_list.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">${heading}</%def>
<%def name="scripts()">${f.script()}</%def>
<%!
from fmn.ledger.models import State
from fmn.people.addresses import Standing
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

<%def name="button(address, action, words, kind='button plain small')">
${p.act(request.route_path("address", address_id=address.id, action=action), words, kind=kind, about=address.value)}
</%def>

<p class="over">What you’re sent by ${by}</p>
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

<section aria-labelledby="addresses">
<h2 id="addresses">Addresses</h2>
% if addresses:
<ul class="rows">
% for address in addresses:
<%
    letter = letters.get(address.confirmation_id)
    undelivered = letter is not None and letter.state == State.FAILED
%>
<li>
<div class="split">
<b class="long">${address.value}</b>
% if address.standing is Standing.CONFIRMED:
${p.state("Confirmed", "good")}
% elif address.standing is Standing.WAITING and not undelivered:
${p.state("Waiting for you")}
% else:
${p.state("Not confirmed", "bad")}
% endif
</div>
<p class="quiet">
% if address.standing is Standing.CONFIRMED:
Everything that’s sent by ${by} goes here.
% elif undelivered:
The letter couldn’t be delivered: ${letter.reason}. Is the address right?
% elif letter is not None and letter.state == State.WAITING and letter.reason:
The letter couldn’t be delivered yet, and is tried again: ${letter.reason}.
% elif address.standing is Standing.WAITING:
Open the link that was sent there ${when(address.since)}; see the spam folder, too. It expires ${when(address.until)}.
% elif address.since is not None:
The link that was sent there ${when(address.since)} has expired.
% else:
Nothing was sent there yet.
% endif
</p>
<div class="tools">
% if address.standing is Standing.CONFIRMED:
${button(address, "test", "Send a test")}
% else:
${button(address, "resend", "Send a new link", "button plain small" if address.standing is Standing.WAITING else "button small")}
% endif
${button(address, "remove", "Remove")}
</div>
</li>
% endfor
</ul>
% else:
<%p:empty title="No address yet" words="${'Add one, confirm it by the link that is sent there, and it gets what your filters let through.'}"/>
% endif
<form method="post" action="${request.route_path('addresses', context=it.context)}" class="oneline">
${p.token()}
<% typed = forms["address"] %>
${p.field("address", "Add an address", typed.values["address"] or suggested, kind="text", problem=typed.problems.get("address", ""),
          inputmode="email" if it.context == "email" else None, autocomplete="email" if it.context == "email" else "off", autocapitalize="none", spellcheck="false", required=True)}
<button class="button">Add</button>
</form>
</section>

<section aria-labelledby="settings">
<h2 id="settings">How it’s sent</h2>
<div class="settings">
<%self:setting name="frequency" heading="How often" where="preference_frequency" args="values, problems">
<fieldset>
<legend>When is it sent?</legend>
<div class="way">
${p.tick("way", "At once", values["way"] == "once", "once", kind="radio", key="way-once", hint="Each message by itself, as soon as it happens.")}
</div>
<div class="way">
${p.tick("way", "In a digest", values["way"] == "digest", "digest", kind="radio", key="way-digest", hint="Several messages together.")}
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
<div class="way">
${p.tick("way", "By the clock", values["way"] == "clock", "clock", kind="radio", key="way-clock", hint="One digest at each of these times, if there’s anything to tell.")}
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
${p.tick("markup", "HTML" if it.context == "email" else "Colours", values["markup"], hint="Beside the plain text. Without it, mails are plain text alone." if it.context == "email" else "Without them it’s plain text.")}
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
