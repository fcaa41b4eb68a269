<%inherit file="layout.mako"/>
<%def name="title()">${_("This feed has moved")}</%def>
<h1>${_("This feed has moved")}</h1>
<p class="lead">${_("The feed’s owner reset its address, so this one no longer works.")}</p>
<p>${fill(_("If the feed is yours, copy the new address from {link}your account page{end}."), link=link(request.route_path("account")))}</p>
