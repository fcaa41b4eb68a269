<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%namespace name="s" file="settings_parts.mako"/>
<%def name="aside()">${s.places()}</%def>
<%def name="title()">${_("Delete your account")}</%def>
<h1>${_("Delete the account {nick}?").format(nick=request.me.nick)}</h1>
<p class="lead">${_("FMN deletes everything it knows about you. You can’t undo this.")}</p>
<ul>
<li>${_("Your preferences, addresses, filters, mutes, tokens and inbox are deleted.")}</li>
<li>${_("We send you nothing more, not even the notifications pending for a digest. Notifications already on their way may still arrive.")}</li>
<li>${_("Links in the notifications you got stop working.")}</li>
<li>${_("Messages of the project’s bus stay, because they are public.")}</li>
<li>${_("If you sign in again, you start with a new account.")}\
% if comes_back:
 ${_("FMN may also create a new account for you when you join certain groups.")}\
% endif
</li>
</ul>
<p>${fill(_("To pause notifications, switch your channels off on your {link}home page{end} instead. To keep a copy, {export}download your data{end} first."), link=link(request.route_path("home")), export=link(request.route_path("account_export")))}</p>
<form method="post" action="${request.route_path('account_delete')}">
${p.token()}
${p.field("nick", _("Type {nick} to delete the account").format(nick=request.me.nick), typed, problem=problem, autocomplete="off", required=True, spellcheck="false", autocapitalize="none")}
<div class="tools">
<button class="button danger">${_("Delete my account")}</button>
<a href="${request.route_path('account')}">${_("Cancel")}</a>
</div>
</form>
