<%inherit file="layout.mako"/>
<%def name="title()">${_("Too many requests")}</%def>
## Without what the database would have to be asked for.
<%def name="navigation(unread)"></%def>
<%def name="flashes()"></%def>
<h1>${_("Too many requests")}</h1>
<p class="lead">${sentence}</p>
<p>${_("Nothing was changed. Go back and try again later.")}</p>
