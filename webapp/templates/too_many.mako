<%inherit file="layout.mako"/>
<%def name="title()">That’s too much at once</%def>
## Without what the database would have to be asked for.
<%def name="navigation()"></%def>
<%def name="flashes()"></%def>
<h1>That’s too much at once</h1>
<p class="lead">${sentence}</p>
<p>Nothing was changed. Go back and try again then.</p>
