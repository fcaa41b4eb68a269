<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%!
from fmn.text import pluralize
from webapp.icons import application_icon
%>
<%def name="title()">Event catalogue</%def>
<%def name="scripts()"><script type="module" src="${request.static_path('webapp:static/catalogue.js')}"></script></%def>

<%def name="width()">wide</%def>

<%def name="shelves(some)">
<ul class="${'rows' if text else 'rows shelves'}">
% for each in some:
${shelf(each)}
% endfor
</ul>
</%def>

<%def name="shelf(each)">
<% category = each.application.category %>
<li>
<h3>${p.icon(application_icon(category))} <a href="${request.route_path('catalogue_application', category=category)}">${each.application.title}</a></h3>
<p>${each.application.help}</p>
% if text:
<ul class="found">
% for event in each.events:
<li><a href="${request.route_path('catalogue_application', category=category, _anchor=event.name)}">${event.title}</a>
% if event.retired:
${p.state("retired")}
% endif
<span class="quiet">${event.help}</span></li>
% endfor
% for rule in each.rules:
<li><a href="${request.route_path('catalogue_application', category=category, _anchor=rule.name)}">${rule.title}</a>
<span class="quiet">${rule.help}</span></li>
% endfor
</ul>
% else:
<p class="quiet">${pluralize(len(each.events), "event type")}</p>
% endif
</li>
</%def>

<h1>Event catalogue</h1>
<p class="lead">The applications that FMN can notify you about, with their event types. Each event type is a rule for your
<a href="${request.route_path('help')}">filters</a>, and so is “anything from” an application.</p>

<form method="get" action="${request.route_path('catalogue')}" role="search" class="search" data-finds="count found">
${p.field("q", "Search", text, kind="search", hint="An application, event type, topic or rule, for example: build failed, bodhi_update_comment", autocomplete="off")}
<button class="button">Search</button>
</form>

<p class="quiet" role="status" id="count">${pluralize(len(found), "application")}, ${pluralize(kinds, "event type")}${f" matching “{text}”" if text else ""}</p>
<div id="found">
% if not found:
<%call expr='p.empty(f"No matches for “{text}”", "Try fewer words. Filters can also match events that the catalogue doesn’t list: by topic, package, person or text.")'>
<p><a href="${request.route_path('catalogue')}">All applications</a></p>
</%call>
% endif
% if alive:
<h2>Active applications</h2>
${shelves(alive)}
% endif
% if retired:
<details${" open" if text else ""}>
<summary><h2>${pluralize(len(retired), "retired application")}</h2></summary>
${shelves(retired)}
</details>
% endif
</div>
