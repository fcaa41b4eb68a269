<%inherit file="layout.mako"/>
<%def name="title()">This can’t be done</%def>
<h1>This can’t be done</h1>
<p class="lead">${sentence}</p>
<p>Nothing was changed. Go back and try again, or begin on
<a href="${request.route_path('home')}">the first page</a>.</p>
