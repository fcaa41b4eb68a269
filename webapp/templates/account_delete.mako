<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">Delete your account</%def>
<h1>Delete the account ${request.me.nick}?</h1>
<p class="lead">All that FMN knows of you is deleted. This can’t be taken back.</p>
<ul>
<li>Your preferences, addresses, filters, mutes and tokens are gone, and so is your inbox.</li>
<li>Nothing more is sent to you, nor what waits in a digest. What is on its way at this very moment may still
arrive.</li>
<li>Links in what was sent to you stop working.</li>
<li>The messages of the project’s bus stay, for they’re everybody’s.</li>
<li>If you sign in again, you begin anew\
% if comes_back:
, and you may get a new account by itself when you join a group that this site listens for\
% endif
.</li>
</ul>
<p>Want to hear nothing for a while? Switch your channels off on
<a href="${request.route_path('home')}">the first page</a> instead. Want to keep a copy?
<a href="${request.route_path('account_export')}">Download everything</a> first.</p>
<form method="post" action="${request.route_path('account_delete')}">
${p.token()}
${p.field("nick", f"Type {request.me.nick} to delete the account", typed, problem=problem, autocomplete="off", required=True, spellcheck="false", autocapitalize="none")}
<div class="tools">
<button class="button danger">Delete my account</button>
<a href="${request.route_path('account')}">Keep it</a>
</div>
</form>
