<%inherit file="layout.mako"/>
<%def name="title()">${heading()}</%def>

<%def name="heading()">
% if it is None:
This link no longer applies
% elif done == "stop":
${f"“{it.chosen.name}” is stopped" if it.chosen else f"Notifications by {by} are stopped"}
% elif done == "resume":
${f"“{it.chosen.name}” is on again" if it.chosen else f"Notifications by {by} are on again"}
% elif it.active:
${f"Stop “{it.chosen.name}”?" if it.chosen else f"Stop all notifications by {by}?"}
% else:
${f"“{it.chosen.name}” is switched off" if it.chosen else f"Notifications by {by} are switched off"}
% endif
</%def>

<%def name="button(action, words, kind='button')">
<form method="post" action="${request.path}">
<button class="${kind}" name="action" value="${action}">${words}</button>
</form>
</%def>

<p class="eyebrow">${f"{it.nick}, by {by}" if it else "Unsubscribe"}</p>
<h1>${heading()}</h1>
% if it is None:
<p class="lead">The filter or account that this link belongs to was deleted, so it sends nothing.</p>
<p>If you still get mails, follow the link at the end of the newest one.</p>
% elif it.active and done == "resume":
<p class="lead" role="status">
% if it.is_delivered:
You get its notifications again, starting with the next message.
% else:
Notifications by ${by} are switched off, so we send nothing yet.
% endif
</p>
${button("stop", "Stop again")}
% elif it.active:
<p class="lead">
% if it.chosen:
This filter sends ${it.nick} notifications by ${by}. If you stop it, they no longer arrive. Your other filters stay on.
% else:
${it.nick} will get no notifications by ${by}. Other channels stay on.
% endif
</p>
% if not it.is_delivered:
<p class="notice">Notifications by ${by} are switched off, so this filter sends nothing at the moment.</p>
% endif
% if it.group:
<p>${_("The filter is from the group {group}. If you stop it, you get none of the group’s filters any more. Other members do.").format(group=it.group)}</p>
% endif
<p>Nothing has changed yet.</p>
${button("stop", "Stop this filter" if it.chosen else f"Stop all notifications by {by}")}
% else:
% if done == "stop":
<p class="lead" role="status">We send nothing more, starting with the next message. Notifications already on their way may still arrive.</p>
<p>Changed your mind?</p>
% else:
<p class="lead">We don’t send these notifications to ${it.nick} by ${by}.</p>
% endif
${button("resume", "Undo" if done == "stop" else "Switch on again", kind="button plain")}
% endif
