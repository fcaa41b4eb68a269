<%inherit file="layout.mako"/>
<%def name="title()">There is no such page</%def>
<h1>There is no such page</h1>
<p class="lead">The address may be incomplete, or lead to something that this version of FMN doesn’t have.</p>
<p>If a mail led you here, two of its links work at any rate, without signing in:</p>
<ul>
<li><b>Why you got this</b> shows the message, and what in your filter let it through.</li>
<li><b>Stop this filter</b> stops what the mail came from.</li>
</ul>
<p>For everything else <a href="${request.route_path('home')}">the first page</a> says whom to ask.</p>
