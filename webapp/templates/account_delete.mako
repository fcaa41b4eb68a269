<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%namespace name="s" file="settings_parts.mako"/>
<%def name="aside()">${s.places()}</%def>
<%def name="title()">Delete your account</%def>
<h1>Delete the account ${request.me.nick}?</h1>
<p class="lead">FMN deletes everything it knows about you. You can’t undo this.</p>
<ul>
<li>Your preferences, addresses, filters, mutes, tokens and inbox are deleted.</li>
<li>We send you nothing more, not even the notifications pending for a digest. Notifications already on their way
may still arrive.</li>
<li>Links in the notifications you got stop working.</li>
<li>Messages of the project’s bus stay, because they are public.</li>
<li>If you sign in again, you start with a new account\
% if comes_back:
. FMN may also create a new account for you when you join certain groups\
% endif
.</li>
</ul>
<p>To pause notifications, switch your channels off on your
<a href="${request.route_path('home')}">home page</a> instead. To keep a copy,
<a href="${request.route_path('account_export')}">download your data</a> first.</p>
<form method="post" action="${request.route_path('account_delete')}">
${p.token()}
${p.field("nick", f"Type {request.me.nick} to delete the account", typed, problem=problem, autocomplete="off", required=True, spellcheck="false", autocapitalize="none")}
<div class="tools">
<button class="button danger">Delete my account</button>
<a href="${request.route_path('account')}">Cancel</a>
</div>
</form>
