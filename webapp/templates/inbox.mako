<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%namespace name="i" file="inbox_parts.mako"/>
<%def name="title()">Inbox</%def>
<%def name="links()">
<link rel="alternate" type="application/atom+xml" title="Notifications for ${request.me.nick}" href="${feed}">
</%def>
<%def name="scripts()">
<script type="module" src="${request.static_path('webapp:static/inbox.js')}"></script>
</%def>
<%
    first = search.place.before is None and search.place.after is None
    query = search.query()
    narrowed = {key for key in query if key != "q"}
%>
<div class="split">
<h1>Inbox</h1>
% if first and not query:
<form method="post" action="${request.route_path('inbox_read')}" class="act"${"" if unread else " hidden"}>
${p.token()}
<input type="hidden" name="newest" value="${newest}">
<button class="button plain small">Mark all as read</button>
</form>
% endif
</div>
<p class="lead">Every notification FMN sent or will send you, and why.</p>

<form method="get" action="${request.route_path('inbox')}" role="search" class="finder">
<label for="q">Search</label>
<p class="hint" id="q-hint">People, packages, groups, parts of a topic, or a message id</p>
<div class="finder-line">
<input id="q" name="q" type="search" value="${search.q}" maxlength="200" aria-describedby="q-hint">
<button class="button">Search</button>
</div>
<details${" open" if narrowed else ""}>
<summary>Filters</summary>
<div class="choices">
${i.choose("context", "Channel", "Any channel", contexts, search.context)}
${i.choose("state", "Status", "Any status", states, search.state)}
${i.choose("filter", "Filter", "Any filter", own_filters, search.filter)}
${i.choose("application", "Application", "Any application", applications, search.application)}
</div>
${p.tick("unread", "Unread only", search.unread)}
<button class="button plain small">Apply</button>
</details>
</form>

% if query:
<p><a href="${request.route_path('inbox')}">Clear search</a></p>
% endif
% if first:
<p class="news" role="status" data-live="${request.route_path('inbox_live', _query={**query, 'since': str(seen)})}"></p>
% endif

<div id="entries">
% for day, lines in days:
<section data-day="${day.date.isoformat()}">
<h2>${day.words}</h2>
<ul class="rows">
% for line in lines:
${i.entry(line)}
% endfor
</ul>
</section>
% endfor
% if not days and page.searched_until:
${p.empty("No matches so far", "None of the notifications searched so far match.")}
% elif not days and query:
<%p:empty title="No matches" words="Try fewer words.">
<p><a href="${request.route_path('why_not', _query={'q': search.q} if search.q else None)}">Why didn’t I get this?</a></p>
</%p:empty>
% elif not days and first:
${p.empty("No notifications yet", "Notifications appear here as soon as one of your filters matches an event. You don’t need to reload the page.")}
% elif not days:
${p.empty("No more notifications", "This is the end of your inbox.")}
% endif
</div>
% if page.searched_until:
<p class="notice">The search stopped early because there is too much to search at once. The ${"newest" if search.place.upwards else "oldest"} notification searched is from
${searched_until}.</p>
% endif

% if page.newer or page.older:
<nav class="pages" aria-label="Pagination">
${further(page.newer, "Newer", "prev")}
${further(page.older, "Search further back" if page.searched_until and not search.place.upwards else "Older", "next")}
</nav>
% endif

<p class="quiet after">Is a message missing? <a href="${request.route_path('why_not')}">Why didn’t I get this?</a></p>
<p class="quiet">The inbox leaves out everything you <a href="${request.route_path('mutes')}">muted</a>.
You can also read it in a feed reader with your <a href="${feed}">private feed</a>. Anyone who knows the feed’s address can read it.</p>
<%def name="further(place, words, rel)">
% if place:
<a href="${request.route_path('inbox', _query=search.query(place))}" rel="${rel}">${words}</a>
% else:
<span></span>
% endif
</%def>
