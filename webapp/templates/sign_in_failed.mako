<%inherit file="layout.mako"/>
<%def name="title()">You couldn’t be signed in</%def>
<h1>You couldn’t be signed in</h1>
<p class="lead">${sentence}</p>
% if request.identity:
<p>You are signed in as ${request.identity.nick} already, so there may be nothing to do.
<a href="${request.route_path('home')}">Go on</a></p>
% endif
<p><a class="button" href="${request.route_path('sign_in_begin', _query={'to': to} if to else {})}">Try again</a></p>
<p class="quiet">If it happens again and again, tell whoever runs FMN for your project when it did: the log says
more. The links in mails work without signing in.</p>
