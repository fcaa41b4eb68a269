<%inherit file="layout.mako"/>
<%def name="title()">${_("This link doesn’t work any more")}</%def>

<h1>${_("This link doesn’t work any more")}</h1>
<p>${_("Whoever shared these filters deleted the link. Ask them for a new one.")}</p>
<p><a class="button" href="${request.route_path('home')}">${_("Home")}</a></p>
