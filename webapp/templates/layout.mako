## The frame of every page. Every expression is escaped by default.
<%
    beside = capture(self.aside).strip()
    unread = unread_badge(request)
%>\
<!DOCTYPE html>
<html lang="${current_language()}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${f"({unread}) " if unread else ""}${self.title()} – FMN</title>
% for sheet in SHEETS:
<link rel="stylesheet" href="${request.static_path(f'webapp:static/{sheet}.css')}">
% endfor
<link rel="icon" type="image/svg+xml" href="${request.static_path('webapp:static/icon-unread.svg' if unread else 'webapp:static/icon.svg')}">
<link rel="apple-touch-icon" href="${request.static_path('webapp:static/icon-180.png')}">
<link rel="manifest" href="${request.route_path('manifest')}">
${self.links()}
% if request.identity:
<script type="module" src="${request.static_path('webapp:static/palette.js')}" data-commands="${request.route_path('commands')}"></script>
% endif
${self.scripts()}
% if offers_zone(request):
<script type="module" src="${request.static_path('webapp:static/zone.js')}"></script>
% endif
</head>
<body>
<a class="skip" href="#main">${_("Skip to content")}</a>
<header class="top">
<div class="frame">
<a class="brand" href="${request.route_path('home')}"><img src="${request.static_path('webapp:static/icon.svg')}" alt="" width="24" height="24">FMN</a>
${self.navigation(unread)}
</div>
</header>
<div class="${'frame page beside' if beside else 'frame page'}">
% if beside:
<div class="aside">
${beside | n}
</div>
% endif
<main class="${self.width()}" id="main" tabindex="-1"${self.language()}>
${pause.notice()}
${self.flashes()}
${next.body()}
</main>
</div>
% if offers_zone(request):
${zone_offer()}
% endif
<footer class="frame foot">
<p>${_("FMN notifies you about the project events that concern you.")} <a href="${request.route_path('help')}">${_("How it works")}</a></p>
</footer>
</body>
</html>
<%def name="navigation(unread)">\
<nav aria-label="${_('Site')}">
% if request.identity:
${place("home", _("Home"), "house")}
${place("inbox", _("Inbox"), "inbox", unread)}
${place("catalogue", _("Catalogue"), "book-open")}
${place("help", _("Help"), "circle-question-mark")}
% if request.identity.is_administrator:
${place("admin", _("Administration"), "activity")}
% endif
${place("account", request.identity.nick, "user", last=True)}
% else:
${place("catalogue", _("Catalogue"), "book-open")}
${place("help", _("Help"), "circle-question-mark")}
${place("sign_in", _("Sign in"), "log-in", last=True)}
% endif
</nav>
</%def>
<%def name="flashes()">\
% for flash in pop_flashes(request):
<div class="${'notice' if flash.error else 'done'}" role="status"><p>${flash.sentence}</p>
% if flash.undo is not None:
## Whoever undoes something in the inbox goes on where they were; other changes are undone on pages of their own.
<% goes_on = request.method == "GET" and flash.undo.startswith(request.route_path("inbox_undo", undo_id="")) %>
${p.act(flash.undo, _("Undo"), kind="button plain small", hidden={"to": request.path_qs} if goes_on else ())}
% endif
</div>
% endfor
</%def>
## A link of a navigation to a route, whose parameters are ``parts``; ``count`` is shown beside the words.
<%def name="place(name, words, icon, count='', last=False, parts=())">\
<% parts = dict(parts) %>\
<%
    here = getattr(request, "matched_route", None)
    current = here and here.name == name and all(request.matchdict.get(key) == value for key, value in parts.items())
%>\
<a href="${request.route_path(name, **parts)}"${' aria-current="page"' if current else '' | n}${' class="last"' if last else '' | n}>${p.icon(icon)}<span class="words">${words}</span>\
% if count:
 <span class="count">${count}<span class="hidden"> ${_("unread")}</span></span>\
% endif
</a>\
</%def>
## The browser's time zone, for whoever has never chosen one; a script fills it in and shows it.
<%def name="zone_offer()">
<div class="frame zone-offer" id="zone-offer" role="status" data-zone="${request.identity.time_zone}" data-action="${request.route_path('account_time_zone')}" data-token="${get_csrf_token(request)}" hidden>
<p>${p.icon("globe")} ${fill(_("You seem to be in {zone}, and we show you times in UTC."), zone=ZONE)}</p>
<button type="button" value="use" class="button small use">${fill(_("Use {zone}"), zone=ZONE)}</button>
<button type="button" value="keep" class="button plain small keep">${_("Keep UTC")}</button>
</div>
</%def>
<%namespace name="p" file="parts.mako"/>
<%namespace name="pause" file="pause_parts.mako"/>
<%!
from markupsafe import Markup
from pyramid.csrf import get_csrf_token
from fmn.translations import current_language
from webapp.flash_messages import pop_flashes
from webapp.inbox.unread import unread_badge

from webapp.times import offers_zone

#: Where a script names the browser's time zone.
ZONE = Markup('<span class="zone"></span>')

#: The style sheets: of all pages, of what they're made of, of some pages. A later one has the last word.
SHEETS = (
    "tokens", "base", "shell", "forms", "parts", "charts", "reading", "editor", "home", "filters", "inbox", "programs",
    "subjects", "landing")
%>
<%def name="scripts()"></%def>
<%def name="links()"></%def>
## The pages nearby, beside the content: a nav.
<%def name="aside()"></%def>
<%def name="width()">column</%def>
## The attribute of a page's own language, if it isn't that of the frame.
<%def name="language()"></%def>
