<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%namespace name="i" file="inbox_parts.mako"/>
<%!
from fmn.ledger.inbox_filter import Place
from webapp.inbox.search_form import Grouping
%>
<%def name="title()">${_("Inbox")}</%def>
<%def name="width()">wide</%def>
<%def name="links()">
<link rel="alternate" type="application/atom+xml" title="${_('Notifications for {name}').format(name=request.me.nick)}" href="${feed}">
</%def>
<%def name="scripts()">
<script type="module" src="${request.static_path('webapp:static/inbox.js')}"></script>
</%def>
<%def name="aside()">
<nav aria-label="${_('Views')}">
% for view in views:
<a href="${request.route_path('inbox', _query={'q': view.query} if view.query else None)}"${' aria-current="page"' if view.current else '' | n}>${p.icon(view.icon)}<span>${view.name}</span></a>
% endfor
</nav>
</%def>
<%
    first = search.place.before is None and search.place.after is None
    query = search.query()
    listed = bool(groups or back)
    groupings = {Grouping.DAY: _("Day"), Grouping.THREAD: _("Thread"), Grouping.PACKAGE: _("Package")}
%>
<div class="inbox-head">
<h1>${current_view.name if current_view else _("Inbox")}</h1>
<form method="get" action="${request.route_path('inbox')}" role="search" class="finder" id="finder">
<div class="finder-line">
<label class="hidden" for="q">${_("Search")}</label>
<input id="q" name="q" type="search" value="${search.q}" maxlength="400" placeholder="package:moss severity:error is:unread" autocomplete="off" spellcheck="false" data-completions="${request.route_path('inbox_completions')}" aria-describedby="${'q-problem q-hint' if problem else 'q-hint'}"${" aria-invalid=true" if problem else ""}>
<button class="button plain">${p.icon("search")}<span class="words">${_("Search")}</span></button>
</div>
<p class="hidden" id="q-hint">${_("Words, or operators such as package:moss, app:koji, severity:error, from:mary, is:unread, before:2026-11-01. A minus sign excludes.")}</p>
% if search.group is not Grouping.DAY:
<input type="hidden" name="group" value="${search.group}">
% endif
% if problem:
<p class="problem" id="q-problem">${problem}</p>
% endif
<details class="helpers">
<summary>${_("Search options")}</summary>
<div class="choices">
${i.choose("context", _("Channel"), _("Any channel"), contexts)}
${i.choose("state", _("Status"), _("Any status"), states)}
${i.choose("filter", _("Filter"), _("Any filter"), own_filters)}
${i.choose("application", _("Application"), _("Any application"), applications, english())}
</div>
${p.tick("unread", _("Unread only"), False)}
<button class="button plain small">${_("Add to the search")}</button>
${i.operators()}
</details>
</form>
</div>

% if query.get("q") and not problem:
<div class="search-tools">
<a href="${request.route_path('inbox')}">${_("Clear search")}</a>
% if current_view is None:
<details class="menu">
<summary class="button plain small">${p.icon("bookmark")}${_("Save this search")}</summary>
<form method="post" action="${request.route_path('inbox_searches')}">
${p.token()}
<input type="hidden" name="q" value="${search.q}">
${p.field("name", _("Name"), required=True, maxlength=40)}
<button class="button small">${_("Save")}</button>
<p class="hint">${_("The address of this page is a link to the search. It names nobody, so you can share it.")}</p>
</form>
</details>
% elif current_view.search_id is not None:
${p.act(request.route_path("inbox_search", search_id=current_view.search_id), _("Delete this saved search"), kind="button plain small danger")}
% endif
</div>
% endif

% if first and seen is not None and search.group is Grouping.DAY:
<p class="news" role="status" data-live="${request.route_path('inbox_live', _query={**query, 'since': str(seen)})}" data-words="${_('{n} new')}" data-back="${_('Back from snooze')}"></p>
% endif
<div id="told" role="status"></div>

<form method="post" action="${request.route_path('inbox_triage')}" id="triage" data-read="${_('Mark as read')}" data-unread="${_('Mark as unread')}" data-of="${_('{shown} of {total}')}" data-badge="${_('unread')}">
${p.token()}
% for key, value in search.query(search.place).items():
<input type="hidden" name="${key}" value="${value}">
% endfor
<input type="hidden" name="newest" value="${newest}">
<input type="hidden" name="latest" value="${latest}">
% if not problem:
${i.toolbar(spans, places, groupings, search)}
% endif
<div id="entries">
% if back:
<section data-day="back">
<div class="group-head"><h2>${_("Back from snooze")}</h2></div>
<ul class="entries">
% for line in back:
${i.entry(line, search, True)}
% endfor
</ul>
</section>
% endif
% for group in groups:
<section data-day="${group.day}">
${i.group_head(group, places)}
<ul class="entries">
% for line in group.items:
${i.entry(line, search, search.group is not Grouping.DAY)}
% endfor
</ul>
</section>
% endfor
% if problem:
<% pass %>\
% elif not listed and page.searched_until:
${p.empty(_("No matches so far"), _("None of the notifications searched so far match."))}
% elif not listed and search.q in ("is:done", "is:snoozed"):
${p.empty(_("Nothing here"), _("What you mark as done is kept here.") if search.q == "is:done" else _("What you snooze waits here, and comes back to your inbox at its time."))}
% elif not listed and first and search.q == "is:unread":
<%p:empty title="${_('You’ve read everything')}" words="${_('New notifications appear here by themselves.')}">
<p><a href="${request.route_path('inbox')}">${_("Back to the inbox")}</a></p>
</%p:empty>
% elif not listed and query.get("q"):
<%p:empty title="${_('No matches')}" words="${_('Try fewer words.')}">
<p><a href="${request.route_path('inbox', _query={'q': f'{search.q} is:any'})}">${_("Search done and snoozed ones, too")}</a> · <a href="${request.route_path('why_not', _query={'q': words} if words else None)}">${_("Why didn’t I get this?")}</a></p>
</%p:empty>
% elif not listed and first and has_done:
<%p:empty title="${_('All done')}" words="${_('New notifications appear here by themselves.')}">
<p><a href="${request.route_path('inbox', _query={'q': 'is:snoozed'})}">${_("See what’s snoozed")}</a> · <a href="${request.route_path('inbox', _query={'q': 'is:done'})}">${_("See what’s done")}</a> · <a href="${request.route_path('home')}">${_("Adjust your filters")}</a></p>
</%p:empty>
% elif not listed and first:
<%p:empty title="${_('No notifications yet')}" words="${_('Notifications appear here as soon as one of your filters matches an event. You don’t need to reload the page.')}">
<p><a class="button small" href="${request.route_path('welcome')}">${_("Choose what to follow")}</a> <a class="button plain small" href="${request.route_path('catalogue')}">${_("See what there is")}</a></p>
</%p:empty>
% elif not listed:
${p.empty(_("No more notifications"), _("This is the end of your inbox."))}
% endif
</div>
</form>
% if page.searched_until:
<p class="notice">${(_("The search stopped early because there is too much to search at once. The newest notification searched is from {when}.") if search.place.upwards else _("The search stopped early because there is too much to search at once. The oldest notification searched is from {when}.")).format(when=searched_until)}</p>
% endif

% if page.newer or page.older:
<nav class="pages" aria-label="${_('Pagination')}">
${further(page.newer, _("Newer"), "prev")}
${further(page.older, _("Search further back") if page.searched_until and not search.place.upwards else _("Older"), "next")}
</nav>
% endif

<p class="quiet after">${_("Is a message missing?")} <a href="${request.route_path('why_not')}">${_("Why didn’t I get this?")}</a>
${fill(_("The inbox leaves out everything you {start}muted{end}."), start=link(request.route_path("mutes")), end=END)}
${fill(_("You can also read it in a feed reader with your {start}private feed{end}. Anyone who knows the feed’s address can read it."), start=link(feed), end=END)}
<span class="needs-scripts" hidden>${_("Press ? for keyboard shortcuts.")}</span></p>
${i.keys()}
${i.snooze_dialog(spans)}
${i.told()}
<%!
from markupsafe import Markup

END = Markup("</a>")


def link(address):
    return Markup('<a href="{}">').format(address)
%>
<%def name="further(place, words, rel)">
% if place:
<a href="${request.route_path('inbox', _query=search.query(place))}" rel="${rel}">${words}</a>
% else:
<span></span>
% endif
</%def>
