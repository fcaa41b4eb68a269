<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%!
from fmn.text import pluralize
%>
<%def name="title()">Events from ${it.title}</%def>

<p class="eyebrow"><a href="${request.route_path('catalogue')}">Event catalogue</a></p>
<h1>${it.title}</h1>
<p class="lead">${it.help}</p>
% if not retired:
<p><a href="${request.route_path('application', name=it.category)}">${_("What happened lately")}</a></p>
% endif
% if retired:
<p class="notice">This application is retired and sends no events any more. Filters with its rules keep working, but never match.</p>
% endif
<p class="quiet">Category on the bus: <code>${it.category}</code>.
% if it.catchall:
Rule for all its events: <code>${it.catchall}</code>.
% else:
Rule for all its events: <code>application(${it.category})</code>.
% endif
</p>

<h2>${pluralize(len(kinds), "event type")}</h2>
<ul class="rows">
% for kind in kinds:
<% event, example = kind.event, kind.example %>
<li id="${event.name}">
<div class="split"><h3>${event.title}</h3>
% if event.retired and not retired:
${p.state("retired")}
% elif event.severity.value == "error" or event.severity.value == "warning":
${p.state(event.severity.value, "bad")}
% endif
</div>
<p>${event.help}</p>
<figure class="sample"><figcaption class="hidden">Example</figcaption>
<p${english()}>${example.summary}</p>
% if example.link:
<p class="quiet">${example.link}</p>
% endif
</figure>
<dl class="terms">
<div><dt>Rule</dt><dd><code>${event.name}</code></dd></div>
<div><dt>${"Topic" if len(event.topics) == 1 else "Topics"}</dt><dd>
% for topic in event.topics:
<code>${topic}</code>${"" if loop.last else ", "}\
% endfor
</dd></div>
</dl>
% if request.identity and not event.retired and not retired:
<p><a href="${request.route_path('filter_new', context=request.contexts[0], _query={'rule': event.name})}">Create filter<span class="hidden">: ${event.title}</span></a></p>
% endif
</li>
% endfor
</ul>

% if it.rules:
<h2>${"Another rule" if len(it.rules) == 1 else "Other rules"}</h2>
<ul class="rows">
% for rule in it.rules:
<li id="${rule.name}">
<h3>${rule.title}</h3>
<p>${rule.help}</p>
<dl class="terms">
<div><dt>Rule</dt><dd><code>${rule.name}${f"({', '.join(argument.name for argument in rule.arguments)})" if rule.arguments else ""}</code></dd></div>
% for argument in rule.arguments:
<div><dt>${argument.title}</dt><dd>${argument.help} ${f"For example: {argument.sample}." if argument.sample else ""}</dd></div>
% endfor
</dl>
</li>
% endfor
</ul>
% endif
