<%inherit file="layout.mako"/>
<%def name="title()">${heading()}</%def>

<%def name="heading()">
<% filter = it.chosen.name if it and it.chosen else "" %>
% if it is None:
${_("This link no longer applies")}
% elif done == "stop":
${_("“{filter}” is stopped").format(filter=filter) if filter else _("Notifications by {channel} are stopped").format(channel=by)}
% elif done == "resume":
${_("“{filter}” is on again").format(filter=filter) if filter else _("Notifications by {channel} are on again").format(channel=by)}
% elif it.active:
${_("Stop “{filter}”?").format(filter=filter) if filter else _("Stop all notifications by {channel}?").format(channel=by)}
% else:
${_("“{filter}” is switched off").format(filter=filter) if filter else _("Notifications by {channel} are switched off").format(channel=by)}
% endif
</%def>

<%def name="button(action, words, kind='button')">
<form method="post" action="${request.path}">
<button class="${kind}" name="action" value="${action}">${words}</button>
</form>
</%def>

<p class="eyebrow">${_("{nick}, by {channel}").format(nick=it.nick, channel=by) if it else _("Unsubscribe")}</p>
<h1>${heading()}</h1>
% if it is None:
<p class="lead">${_("The filter or account that this link belongs to was deleted, so it sends nothing.")}</p>
<p>${_("If you still get mails, follow the link at the end of the newest one.")}</p>
% elif it.active and done == "resume":
<p class="lead" role="status">
% if it.is_delivered:
${_("You get its notifications again, starting with the next message.")}
% else:
${_("Notifications by {channel} are switched off, so we send nothing yet.").format(channel=by)}
% endif
</p>
${button("stop", _("Stop again"))}
% elif it.active:
<p class="lead">
% if it.chosen:
${_("This filter sends {nick} notifications by {channel}. If you stop it, they no longer arrive. Your other filters stay on.").format(nick=it.nick, channel=by)}
% else:
${_("{nick} will get no notifications by {channel}. Other channels stay on.").format(nick=it.nick, channel=by)}
% endif
</p>
% if not it.is_delivered:
<p class="notice">${_("Notifications by {channel} are switched off, so this filter sends nothing at the moment.").format(channel=by)}</p>
% endif
% if it.group:
<p>${_("The filter is from the group {group}. If you stop it, you get none of the group’s filters any more. Other members do.").format(group=it.group)}</p>
% endif
<p>${_("Nothing has changed yet.")}</p>
${button("stop", _("Stop this filter") if it.chosen else _("Stop all notifications by {channel}").format(channel=by))}
% else:
% if done == "stop":
<p class="lead" role="status">${_("We send nothing more, starting with the next message. Notifications already on their way may still arrive.")}</p>
<p>${_("Changed your mind?")}</p>
% else:
<p class="lead">${_("We don’t send these notifications to {nick} by {channel}.").format(nick=it.nick, channel=by)}</p>
% endif
${button("resume", _("Undo") if done == "stop" else _("Switch on again"), kind="button plain")}
% endif
