<%inherit file="layout.mako"/>
<%def name="title()">We couldn’t sign you in</%def>
<h1>We couldn’t sign you in</h1>
<p class="lead">${sentence}</p>
% if request.identity:
<p>You’re already signed in as ${request.identity.nick}. <a href="${request.route_path('home')}">Continue</a></p>
% endif
<p><a class="button" href="${request.route_path('sign_in_begin', _query={'to': to} if to else {})}">Try again</a></p>
<p class="quiet">If this keeps happening, contact your FMN administrator and say when it happened. The links in mails
work without signing in.</p>
