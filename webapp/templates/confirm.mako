<%inherit file="layout.mako"/>
<%!
from fmn.people.confirmations import ConfirmationOutcome
%>
<%def name="title()">${heading()}</%def>

<%def name="heading()">
% if it is None or it.outcome is ConfirmationOutcome.GONE:
This address isn’t asked for any more
% elif it.outcome is ConfirmationOutcome.CONFIRMED:
${it.value} is confirmed
% elif it.outcome is ConfirmationOutcome.TAKEN:
This address belongs to another account
% elif it.outcome is ConfirmationOutcome.EXPIRED:
This link has expired
% else:
Is ${it.value} yours?
% endif
</%def>

<%def name="button(action, words)">
<form method="post" action="${request.path}">
<button class="button" name="action" value="${action}">${words}</button>
</form>
</%def>

<p class="eyebrow">Confirming an address</p>
<h1>${heading()}</h1>
% if problem:
<p class="notice" role="alert">${problem}</p>
% endif
% if it is None or it.outcome is ConfirmationOutcome.GONE:
<p class="lead">It was removed since this link was sent, so nothing can be confirmed, and nothing is sent there.</p>
<p>If it was added again, the link in the newest letter works.</p>
% elif it.outcome is ConfirmationOutcome.CONFIRMED:
<p class="lead" role="status">What ${it.nick}’s filters let through by ${by} arrives here, from the next message on.</p>
% if not it.address.preference.enabled:
<p class="notice">At the moment everything by ${by} is switched off, so nothing is sent yet.</p>
% endif
<p><a href="${request.route_path('preference', context=it.context)}">Your settings</a></p>
% elif it.outcome is ConfirmationOutcome.TAKEN:
<p class="lead">Another account confirmed ${it.value} since this link was sent, and an address can be confirmed by one
only.</p>
<p>If that account is yours, too, remove the address there, and ask for a new link here.</p>
% elif it.outcome is ConfirmationOutcome.EXPIRED:
% if it.newer_sent_at is not None:
<p class="lead" role="status">A new one was sent to ${it.value}. Open the link in that letter.</p>
% else:
<p class="lead">Nothing was confirmed. If ${it.value} is yours and ${it.nick} is your account, have a new link sent there.</p>
${button("resend", "Send a new link")}
% endif
% else:
<p class="lead">${it.nick} wants to be sent there what concerns them on the project’s message bus. If that’s you,
confirm it.</p>
<p>Nothing has changed yet. If it isn’t you, close this page: nothing else is sent there then.</p>
${button("confirm", "Confirm this address")}
% endif
