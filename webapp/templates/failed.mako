<%inherit file="layout.mako"/>
<%def name="title()">Something went wrong</%def>
<h1>Something went wrong</h1>
<p class="lead">This is FMN’s fault. Nothing was changed.</p>
<p>Try again in a minute. If it happens again, contact your FMN administrator and include the incident id
<code>${incident}</code>.</p>
<p><a href="${request.route_path('home')}">Go to the home page</a></p>
