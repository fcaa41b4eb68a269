<%inherit file="layout.mako"/>
<%def name="title()">This feed has moved</%def>
<h1>This feed has moved</h1>
<p class="lead">The feed’s owner reset its address, so this one no longer works.</p>
<p>If the feed is yours, copy the new address from <a href="${request.route_path('account')}">your account page</a>.</p>
