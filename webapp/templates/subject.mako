<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%namespace name="c" file="charts.mako"/>
<%!
from webapp.subjects.subject_links import subject_link
%>
<% here = request.path %>
<%def name="title()">${it.heading}</%def>
<%def name="width()">wide</%def>

<%def name="levels(key, chosen)">
<div class="field">
<label for="level-${key}">${_("What")}</label>
<select id="level-${key}" name="level">
% for level, title in it.levels.items():
<option value="${level}"${" selected" if level == chosen else ""}>${title}</option>
% endfor
</select>
</div>
</%def>

<%def name="watching(channel)">
<li>
<div class="split">
<h3>${p.state(_("Watching"), "good") if channel.watch.on else p.state(_("Off"), "muted")} ${channel.heading}</h3>
<div class="tools">
<a href="${request.route_path('filter', filter_id=channel.watch.filter_id)}">${_("Edit filter")}<span class="hidden">: ${channel.watch.name}</span></a>
${p.act(here, _("Unwatch"), about=channel.heading, hidden={"context": channel.context, "stop": "true"})}
</div>
</div>
<form method="post" action="${here}" class="search">
${p.token()}
<input type="hidden" name="context" value="${channel.context}">
${levels(channel.context, channel.watch.level)}
<button class="button plain">${_("Change")}<span class="hidden">: ${channel.heading}</span></button>
</form>
${reach(channel)}
</li>
</%def>

<%def name="reach(channel)">
% if channel.works:
<p class="quiet">${_("To {addresses}").format(addresses=", ".join(channel.addresses))}</p>
% else:
<div class="channel-problem notice">
<p>${channel.problem or _("{channel} is switched off.").format(channel=channel.heading)}</p>
% if channel.problem:
<a class="button small" href="${request.route_path('preference', context=channel.context)}#addresses">${_("Addresses")}</a>
% endif
% if not channel.enabled:
${p.act(request.route_path("preference_switch", context=channel.context), _("Switch {channel} on").format(channel=channel.by), kind="button small", hidden={"on": "true", "to": here})}
% endif
</div>
% endif
</%def>

<% others = [each for each in it.channels if each.watch is None] %>
<p class="eyebrow">${it.kind}</p>
<h1>${p.icon(it.icon, kind="icon large")} ${it.heading}</h1>
% if it.similar:
<div class="notice similar" role="status">
<p>${_("Nothing is known of {name} so far. Did you mean one of these?").format(name=it.subject.name)}</p>
<ul class="tools">
% for each in it.similar:
<% link = subject_link(request, each) %>
<li><a class="button plain small" href="${link.path}">${p.icon(link.icon)} ${link.label}</a></li>
% endfor
</ul>
<p class="quiet">${_("If {name} may come later, you can watch it all the same.").format(name=it.subject.name)}</p>
</div>
% elif not it.known:
<p class="notice">${_("Nothing is known of {name} so far. You can watch it all the same: you’ll hear of it as soon as something happens.").format(name=it.subject.name)}</p>
% endif

<section aria-labelledby="watch">
<h2 id="watch" class="hidden">${_("Watch")}</h2>
% if problem:
<p class="notice" role="alert">${problem}</p>
% endif
% if it.watched:
<ul class="rows watches">
% for channel in it.watched:
${watching(channel)}
% endfor
</ul>
% endif
% if others:
<div class="card watches">
<form method="post" action="${here}" class="search">
${p.token()}
${levels("new", it.level)}
% if len(others) == 1:
<input type="hidden" name="context" value="${others[0].context}">
% else:
<div class="field">
<label for="context">${_("How")}</label>
<select id="context" name="context">
% for channel in others:
<option value="${channel.context}"${" selected" if channel.context == it.context else ""}>${channel.heading if channel.works else f"{channel.heading} ({_('off')})" if not channel.enabled else channel.heading}</option>
% endfor
</select>
</div>
% endif
<button class="${'button plain' if it.watched else 'button'}">${p.icon("bell")} ${_("Watch by another channel") if it.watched else _("Watch")}</button>
</form>
% if not it.watched:
% for channel in others:
% if channel.context == it.context:
${reach(channel)}
% endif
% endfor
% endif
</div>
% endif
</section>

<section aria-labelledby="lately">
<h2 id="lately">${_("Lately")}</h2>
<p class="quiet">${it.words}</p>
% if it.severities:
${c.bars(it.days, it.words)}
${p.severity_legend(it.severities)}
<ul class="rows events">
% for event in it.events:
<li>
${p.severity(event.severity)} ${p.application(event.category, event.application)}
% if event.link:
<a href="${event.link}" rel="noreferrer" class="summary"${english()}>${event.summary}</a>
% else:
<span class="summary"${english()}>${event.summary}</span>
% endif
<time class="quiet" datetime="${event.sent_at.isoformat()}">${event.when}</time>
</li>
% endfor
</ul>
% endif
% if it.in_catalogue:
<p><a href="${request.route_path('catalogue_application', category=it.subject.name)}">${_("Event types and rules of {application}").format(application=it.subject.label)}</a></p>
% endif
</section>

<details class="setting">
<summary><h2>${_("Link for other sites")}</h2></summary>
${p.field("link", _("Whoever opens it can watch this with one click"), request.route_url("watch", _query={it.subject.kind: it.subject.name}), readonly=True)}
</details>
