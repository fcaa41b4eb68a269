<%inherit file="layout.mako"/>
<%!
from fmn.people.confirmations import ConfirmationOutcome
%>
<%def name="title()">${heading()}</%def>

<%def name="heading()">
% if it is None or it.outcome is ConfirmationOutcome.GONE:
${_("This address was removed")}
% elif it.outcome is ConfirmationOutcome.CONFIRMED:
${_("{address} is confirmed").format(address=it.value)}
% elif it.outcome is ConfirmationOutcome.TAKEN:
${_("This address belongs to another account")}
% elif it.outcome is ConfirmationOutcome.EXPIRED:
${_("This link has expired")}
% else:
${_("Is {address} yours?").format(address=it.value)}
% endif
</%def>

<%def name="button(action, words)">
<form method="post" action="${request.path}">
<button class="button" name="action" value="${action}">${words}</button>
</form>
</%def>

<p class="eyebrow">${_("Confirm an address")}</p>
<h1>${heading()}</h1>
% if problem:
<p class="notice" role="alert">${problem}</p>
% endif
% if it is None or it.outcome is ConfirmationOutcome.GONE:
<p class="lead">${_("The address was removed after we sent this link. We don’t send anything there.")}</p>
<p>${_("If you added it again, open the link in the newest mail.")}</p>
% elif it.outcome is ConfirmationOutcome.CONFIRMED:
<p class="lead" role="status">${_("{nick} now gets notifications by {channel} at this address, starting with the next message.").format(nick=it.nick, channel=by)}</p>
% if not it.address.preference.enabled:
<p class="notice">${_("Notifications by {channel} are switched off. Switch them on in your settings.").format(channel=by)}</p>
% endif
<p><a href="${request.route_path('preference', context=it.context)}">${_("Your settings")}</a></p>
% elif it.outcome is ConfirmationOutcome.TAKEN:
<p class="lead">${_("Another account confirmed {address} after we sent this link. An address can belong to one account only.").format(address=it.value)}</p>
<p>${_("If the other account is yours too, remove the address there. Then send a new link from this account.")}</p>
% elif it.outcome is ConfirmationOutcome.EXPIRED:
% if it.newer_sent_at is not None:
<p class="lead" role="status">${_("We sent a new link to {address}. Open the link in that mail.").format(address=it.value)}</p>
% else:
<p class="lead">${_("The address isn’t confirmed. If {address} is yours and {nick} is your account, send a new link.").format(address=it.value, nick=it.nick)}</p>
${button("resend", _("Send new link"))}
% endif
% else:
<p class="lead">${_("{nick} wants to get FMN’s notifications at this address. If that’s you, confirm it.").format(nick=it.nick)}</p>
<p>${_("Nothing has changed yet. If it isn’t you, close this page: we won’t send anything else there.")}</p>
${button("confirm", _("Confirm address"))}
% endif
