<%inherit file="layout.mako"/>
<%def name="title()">${_("Page not found")}</%def>
<h1>${_("Page not found")}</h1>
<p class="lead">${_("The address may be incomplete, or the page was deleted or belongs to another account.")}</p>
% if request.identity:
<p>${fill(_("Go to {home}your notifications{end} or {inbox}your inbox{end}. You’re signed in as {nick} and can’t see pages of other accounts."), home=link(request.route_path("home")), inbox=link(request.route_path("inbox")), nick=request.identity.nick)}</p>
% else:
<p>${_("If you came here from a mail, try its two other links. They work without signing in:")}</p>
<ul>
<li>${fill(_("{why} shows the message and the rules that matched."), why=bold(_("Why you got this")))}</li>
<li>${fill(_("{stop} stops the filter that sent the mail."), stop=bold(_("Stop this filter")))}</li>
</ul>
<p>${fill(_("For anything else, see the {link}home page{end}."), link=link(request.route_path("home")))}</p>
% endif
