<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%!
from fmn.text import pluralize
%>
<%def name="title()">What there is to hear of</%def>
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
<h3><a href="${request.route_path('catalogue_application', category=category)}">${each.application.title}</a></h3>
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
<p class="quiet">${pluralize(len(each.events), "kind of message", "kinds of messages")}</p>
% endif
</li>
</%def>

<h1>What there is to hear of</h1>
<p class="lead">These applications announce what happens. Each kind of message is a rule that a
<a href="${request.route_path('help')}">filter</a> can ask for, and so is everything from an application.</p>

<form method="get" action="${request.route_path('catalogue')}" role="search" class="search" data-finds="count found">
${p.field("q", "Look for", text, kind="search", hint="An application, a kind of message, a topic or a rule: build failed, bodhi_update_comment", autocomplete="off")}
<button class="button">Look</button>
</form>

<p class="quiet" role="status" id="count">${pluralize(len(found), "application")}, ${pluralize(kinds, "kind of message", "kinds of messages")}${f", with “{text}”" if text else ""}</p>
<div id="found">
% if not found:
<%call expr='p.empty(f"Nothing here has “{text}” in it", "The bus may have it nevertheless: messages that the catalogue doesn’t know can be asked for by their topic, a package, a name or a text.")'>
<p><a href="${request.route_path('catalogue')}">All applications</a></p>
</%call>
% endif
% if alive:
<h2>In service</h2>
${shelves(alive)}
% endif
% if retired:
<details${" open" if text else ""}>
<summary><h2>Retired: ${pluralize(len(retired), "application")} that nothing comes from any more</h2></summary>
${shelves(retired)}
</details>
% endif
</div>
