<%inherit file="layout.mako"/>
<%!
from fmn.people.confirmations import ConfirmationOutcome
%>
<%def name="title()">${heading()}</%def>

<%def name="heading()">
% if it is None or it.outcome is ConfirmationOutcome.GONE:
This address was removed
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

<p class="eyebrow">Confirm an address</p>
<h1>${heading()}</h1>
% if problem:
<p class="notice" role="alert">${problem}</p>
% endif
% if it is None or it.outcome is ConfirmationOutcome.GONE:
<p class="lead">The address was removed after we sent this link. We don’t send anything there.</p>
<p>If you added it again, open the link in the newest mail.</p>
% elif it.outcome is ConfirmationOutcome.CONFIRMED:
<p class="lead" role="status">${it.nick} now gets notifications by ${by} at this address, starting with the next message.</p>
% if not it.address.preference.enabled:
<p class="notice">Notifications by ${by} are switched off. Switch them on in your settings.</p>
% endif
<p><a href="${request.route_path('preference', context=it.context)}">Your settings</a></p>
% elif it.outcome is ConfirmationOutcome.TAKEN:
<p class="lead">Another account confirmed ${it.value} after we sent this link. An address can belong to one account
only.</p>
<p>If the other account is yours too, remove the address there. Then send a new link from this account.</p>
% elif it.outcome is ConfirmationOutcome.EXPIRED:
% if it.newer_sent_at is not None:
<p class="lead" role="status">We sent a new link to ${it.value}. Open the link in that mail.</p>
% else:
<p class="lead">The address isn’t confirmed. If ${it.value} is yours and ${it.nick} is your account, send a new link.</p>
${button("resend", "Send new link")}
% endif
% else:
<p class="lead">${it.nick} wants to get FMN’s notifications at this address. If that’s you, confirm it.</p>
<p>Nothing has changed yet. If it isn’t you, close this page: we won’t send anything else there.</p>
${button("confirm", "Confirm address")}
% endif
