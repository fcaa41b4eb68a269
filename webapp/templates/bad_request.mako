<%inherit file="layout.mako"/>
<%def name="title()">${_("We couldn’t do this")}</%def>
<h1>${_("We couldn’t do this")}</h1>
<p class="lead">${sentence}</p>
<p>${fill(_("Nothing was changed. Go back and try again, or start from the {link}home page{end}."), link=link(request.route_path("home")))}</p>
