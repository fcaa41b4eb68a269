<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%namespace name="i" file="inbox_parts.mako"/>
<%def name="title()">Inbox</%def>
<%def name="links()">
<link rel="alternate" type="application/atom+xml" title="What concerns ${request.me.nick}" href="${feed}">
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
<p class="lead">Everything that FMN sent you or will send you, and why.</p>

<form method="get" action="${request.route_path('inbox')}" role="search" class="finder">
<label for="q">Find</label>
<p class="hint" id="q-hint">People, packages, parts of a topic, or a message’s id</p>
<div class="finder-line">
<input id="q" name="q" type="search" value="${search.q}" maxlength="200" aria-describedby="q-hint">
<button class="button">Find</button>
</div>
<details${" open" if narrowed else ""}>
<summary>Only some of it</summary>
<div class="choices">
${i.choose("context", "Channel", "Any channel", contexts, search.context)}
${i.choose("state", "State", "Any state", states, search.state)}
${i.choose("filter", "Filter", "Any filter", own_filters, search.filter)}
${i.choose("application", "Application", "Any application", applications, search.application)}
</div>
${p.tick("unread", "Only what I haven’t read", search.unread)}
<button class="button plain small">Find only that</button>
</details>
</form>

% if query:
<p><a href="${request.route_path('inbox')}">Show everything</a></p>
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
${p.empty("Nothing so far", "None of the notifications that were looked at is what you look for.")}
% elif not days and query:
${p.empty("Nothing matches", "Look for less, or for something else.")}
% elif not days and first:
${p.empty("Nothing yet", "As soon as one of your filters lets a message through, it’s here: at once, without loading the page again.")}
% elif not days:
${p.empty("Nothing further", "This is the end of your inbox.")}
% endif
</div>
% if page.searched_until:
<p class="notice">There’s too much to look at all of it at once. The ${"newest" if search.place.upwards else "oldest"} that was looked at came
${searched_until}.</p>
% endif

% if page.newer or page.older:
<nav class="pages" aria-label="Parts of the inbox">
${further(page.newer, "Newer", "prev")}
${further(page.older, "Look further back" if page.searched_until and not search.place.upwards else "Older", "next")}
</nav>
% endif

<p class="quiet after"><a href="${request.route_path('mutes')}">What you muted</a> isn’t here.
For feed readers there’s <a href="${feed}">a private feed</a>: whoever knows its address can read it.</p>
<%def name="further(place, words, rel)">
% if place:
<a href="${request.route_path('inbox', _query=search.query(place))}" rel="${rel}">${words}</a>
% else:
<span></span>
% endif
</%def>
