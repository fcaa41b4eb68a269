<%inherit file="layout.mako"/>
<%def name="title()">Something went wrong here</%def>
<h1>Something went wrong here</h1>
<p class="lead">It’s our fault, and not yours. Nothing was changed.</p>
<p>Try again in a minute. If it happens again, tell whoever runs FMN for your project, and name
<code>${incident}</code>: that’s how they find it in the log.</p>
<p><a href="${request.route_path('home')}">To the first page</a></p>
