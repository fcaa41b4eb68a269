<%inherit file="layout.mako"/>
<%def name="title()">This can’t be done</%def>
<h1>This can’t be done</h1>
<p class="lead">${sentence}</p>
<p>Nothing was changed. <a href="${request.route_path('home')}">The first page</a> says whom to ask.</p>
