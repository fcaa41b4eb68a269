<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%!
from fmn.localized import number_text
from fmn.translations import mark

SEVERITIES = {"error": mark("error"), "warning": mark("warning")}
%>
<%def name="title()">${_("Events from {application}").format(application=it.title)}</%def>

<p class="eyebrow"><a href="${request.route_path('catalogue')}">${_("Event catalogue")}</a></p>
<h1${english()}>${it.title}</h1>
<p class="lead"${english()}>${it.help}</p>
% if not retired:
<p><a href="${request.route_path('application', name=it.category)}">${_("What happened lately")}</a></p>
% endif
% if retired:
<p class="notice">${_("This application is retired and sends no events any more. Filters with its rules keep working, but never match.")}</p>
% endif
<p class="quiet">${fill(_("Category on the bus: {category}."), category=literal(it.category))}
${fill(_("Rule for all its events: {rule}."), rule=literal(it.catchall or f"application({it.category})"))}
</p>

<h2>${ngettext("{n} event type", "{n} event types", len(kinds)).format(n=number_text(len(kinds)))}</h2>
<ul class="rows">
% for kind in kinds:
<% event, example = kind.event, kind.example %>
<li id="${event.name}">
<div class="split"><h3${english()}>${event.title}</h3>
% if event.retired and not retired:
${p.state(_("retired"))}
% elif event.severity.value in SEVERITIES:
${p.state(_(SEVERITIES[event.severity.value]), "bad")}
% endif
</div>
<p${english()}>${event.help}</p>
<figure class="sample"><figcaption class="hidden">${_("Example")}</figcaption>
<p${english()}>${example.summary}</p>
% if example.link:
<p class="quiet"${english()}>${example.link}</p>
% endif
</figure>
<dl class="terms">
<div><dt>${_("Rule")}</dt><dd><code>${event.name}</code></dd></div>
<div><dt>${ngettext("Topic", "Topics", len(event.topics))}</dt><dd>
% for topic in event.topics:
<code>${topic}</code>${"" if loop.last else ", "}\
% endfor
</dd></div>
</dl>
% if request.identity and not event.retired and not retired:
<p><a href="${request.route_path('filter_new', context=request.contexts[0], _query={'rule': event.name})}">${_("Create filter")}<span class="hidden"${english()}>: ${event.title}</span></a></p>
% endif
</li>
% endfor
</ul>

% if it.rules:
<h2>${ngettext("Another rule", "Other rules", len(it.rules))}</h2>
<ul class="rows">
% for rule in it.rules:
<li id="${rule.name}">
<h3${english()}>${rule.title}</h3>
<p${english()}>${rule.help}</p>
<dl class="terms">
<div><dt>${_("Rule")}</dt><dd><code>${rule.name}${f"({', '.join(argument.name for argument in rule.arguments)})" if rule.arguments else ""}</code></dd></div>
% for argument in rule.arguments:
<div><dt${english()}>${argument.title}</dt><dd${english()}>${argument.help} ${f"For example: {argument.sample}." if argument.sample else ""}</dd></div>
% endfor
</dl>
</li>
% endfor
</ul>
% endif
