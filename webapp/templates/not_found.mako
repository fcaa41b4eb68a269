<%inherit file="layout.mako"/>
<%def name="title()">Page not found</%def>
<h1>Page not found</h1>
<p class="lead">The address may be incomplete, or the page was deleted or belongs to another account.</p>
% if request.identity:
<p>Go to <a href="${request.route_path('home')}">your notifications</a> or
<a href="${request.route_path('inbox')}">your inbox</a>. You’re signed in as ${request.identity.nick} and can’t see pages of other
accounts.</p>
% else:
<p>If you came here from a mail, try its two other links. They work without signing in:</p>
<ul>
<li><b>Why you got this</b> shows the message and the rules that matched.</li>
<li><b>Stop this filter</b> stops the filter that sent the mail.</li>
</ul>
<p>For anything else, see the <a href="${request.route_path('home')}">home page</a>.</p>
% endif
