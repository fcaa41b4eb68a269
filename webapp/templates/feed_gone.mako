<%inherit file="layout.mako"/>
<%def name="title()">This feed has moved</%def>
<h1>This feed has moved</h1>
<p class="lead">Whoever it belongs to gave it another address, so that this one shows nothing any more.</p>
<p>If it’s yours, the new address is on <a href="${request.route_path('account')}">the page of your account</a>.</p>
