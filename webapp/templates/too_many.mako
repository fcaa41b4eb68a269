<%inherit file="layout.mako"/>
<%def name="title()">Too many requests</%def>
## Without what the database would have to be asked for.
<%def name="navigation(unread)"></%def>
<%def name="flashes()"></%def>
<h1>Too many requests</h1>
<p class="lead">${sentence}</p>
<p>Nothing was changed. Go back and try again later.</p>
