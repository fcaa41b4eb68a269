<%inherit file="layout.mako"/>
<%def name="title()">${_("Something went wrong")}</%def>
<h1>${_("Something went wrong")}</h1>
<p class="lead">${_("This is FMN’s fault. Nothing was changed.")}</p>
<p>${fill(_("Try again in a minute. If it happens again, contact your FMN administrator and include the incident id {incident}."), incident=literal(incident))}</p>
<p><a href="${request.route_path('home')}">${_("Go to the home page")}</a></p>
