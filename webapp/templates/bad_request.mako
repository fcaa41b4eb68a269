<%inherit file="layout.mako"/>
<%def name="title()">We couldn’t do this</%def>
<h1>We couldn’t do this</h1>
<p class="lead">${sentence}</p>
<p>Nothing was changed. Go back and try again, or start from the
<a href="${request.route_path('home')}">home page</a>.</p>
