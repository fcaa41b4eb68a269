<%inherit file="layout.mako"/>
<%def name="title()">There is no such page</%def>
<h1>There is no such page</h1>
<p class="lead">The address may be incomplete, or lead to something that was deleted or isn’t yours.</p>
% if request.identity:
<p>Go on with <a href="${request.route_path('home')}">what you’re sent</a> or
<a href="${request.route_path('inbox')}">your inbox</a>. You are signed in as ${request.identity.nick}: what belongs to
another account isn’t there for this one.</p>
% else:
<p>If a mail led you here, two of its links work at any rate, without signing in:</p>
<ul>
<li><b>Why you got this</b> shows the message, and what in your filter let it through.</li>
<li><b>Stop this filter</b> stops what the mail came from.</li>
</ul>
<p>For everything else <a href="${request.route_path('home')}">the first page</a> says whom to ask.</p>
% endif
