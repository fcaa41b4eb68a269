<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%!
from fmn.localized import number_text
from fmn.translations import ngettext
from webapp.icons import application_icon

def events_text(number):
    """How many event types there are."""
    return ngettext("{n} event type", "{n} event types", number).format(n=number_text(number))
%>
<%def name="title()">${_("Event catalogue")}</%def>
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
<h3>${p.icon(application_icon(category))} <a href="${request.route_path('catalogue_application', category=category)}"${english()}>${each.application.title}</a></h3>
<p${english()}>${each.application.help}</p>
% if text:
<ul class="found">
% for event in each.events:
<li><a href="${request.route_path('catalogue_application', category=category, _anchor=event.name)}"${english()}>${event.title}</a>
% if event.retired:
${p.state(_("retired"))}
% endif
<span class="quiet"${english()}>${event.help}</span></li>
% endfor
% for rule in each.rules:
<li><a href="${request.route_path('catalogue_application', category=category, _anchor=rule.name)}"${english()}>${rule.title}</a>
<span class="quiet"${english()}>${rule.help}</span></li>
% endfor
</ul>
% else:
<p class="quiet">${events_text(len(each.events))}</p>
% endif
</li>
</%def>

<h1>${_("Event catalogue")}</h1>
<p class="lead">${fill(_("The applications that FMN can notify you about, with their event types. Each event type is a rule for your {link}filters{end}, and so is “anything from” an application."), link=link(request.route_path("help")))}</p>

<form method="get" action="${request.route_path('catalogue')}" role="search" class="search" data-finds="count found">
${p.field("q", _("Search"), text, kind="search", hint=_("An application, event type, topic or rule, for example: build failed, bodhi_update_comment"), autocomplete="off")}
<button class="button">${_("Search")}</button>
</form>

<p class="quiet" role="status" id="count">${(_("{applications}, {event_types} matching “{text}”") if text else _("{applications}, {event_types}")).format(applications=ngettext("{n} application", "{n} applications", len(found)).format(n=number_text(len(found))), event_types=events_text(kinds), text=text)}</p>
<div id="found">
% if not found:
<%call expr='p.empty(_("No matches for “{text}”").format(text=text), _("Try fewer words. Filters can also match events that the catalogue doesn’t list: by topic, package, person or text."))'>
<p><a href="${request.route_path('catalogue')}">${_("All applications")}</a></p>
</%call>
% endif
% if alive:
<h2>${_("Active applications")}</h2>
${shelves(alive)}
% endif
% if retired:
<details${" open" if text else ""}>
<summary><h2>${ngettext("{n} retired application", "{n} retired applications", len(retired)).format(n=number_text(len(retired)))}</h2></summary>
${shelves(retired)}
</details>
% endif
</div>
