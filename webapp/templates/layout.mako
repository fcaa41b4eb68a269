## The frame of every page. Every expression is escaped by default.
<!DOCTYPE html>
<html lang="${request.locale_name}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${self.title()} – FMN</title>
% for sheet in SHEETS:
<link rel="stylesheet" href="${request.static_path(f'webapp:static/{sheet}.css')}">
% endfor
<link rel="icon" type="image/svg+xml" href="${request.static_path('webapp:static/icon.svg')}">
${self.links()}
${self.scripts()}
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="${self.width()} top">
<a class="brand" href="${request.route_path('home')}"><img src="${request.static_path('webapp:static/icon.svg')}" alt="" width="28" height="28">FMN</a>
${self.navigation()}
</header>
<main class="${self.width()}" id="main" tabindex="-1">
${self.flashes()}
${next.body()}
</main>
<footer class="${self.width()}">
<p>FMN notifies you about the project events that concern you. <a href="${request.route_path('help')}">How it works</a></p>
</footer>
</body>
</html>
<%def name="navigation()">\
<nav aria-label="Site">
% if request.identity:
${place("inbox", "Inbox", unread_badge(request))}
${place("catalogue", "Catalogue")}
${place("help", "Help")}
% if request.identity.is_administrator:
${place("admin", "Administration")}
% endif
${place("account", request.identity.nick)}
% else:
${place("catalogue", "Catalogue")}
${place("help", "Help")}
${place("sign_in", "Sign in")}
% endif
</nav>
</%def>
<%def name="flashes()">\
% for flash in pop_flashes(request):
<div class="${'notice' if flash.error else 'done'}" role="status"><p>${flash.sentence}</p>
% if flash.undo is not None:
${p.act(request.route_path("undo", undo_id=flash.undo), "Undo", kind="button plain small")}
% endif
</div>
% endfor
</%def>
<%def name="place(name, words, unread='')">\
<% here = getattr(request, "matched_route", None) %>\
<a href="${request.route_path(name)}"${' aria-current="page"' if here and here.name == name else '' | n}>${words}\
% if unread:
 <span class="count">${unread}<span class="hidden"> unread</span></span>\
% endif
</a>\
</%def>
<%namespace name="p" file="parts.mako"/>
<%!
from webapp.flash_messages import pop_flashes
from webapp.inbox.unread import unread_badge

#: The style sheets: of all pages, of what they're made of, of some pages. A later one has the last word.
SHEETS = ("style", "forms", "parts", "reading", "editor", "home", "filters", "inbox", "programs")
%>
<%def name="scripts()"></%def>
<%def name="links()"></%def>
<%def name="width()">column</%def>
