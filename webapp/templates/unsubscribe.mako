<%inherit file="layout.mako"/>
<%def name="title()">${heading()}</%def>

<%def name="heading()">
% if it is None:
Nothing is left to stop
% elif done == "stop":
${f"“{it.chosen.name}” is stopped" if it.chosen else f"Everything by {by} is stopped"}
% elif done == "resume":
${f"“{it.chosen.name}” is on again" if it.chosen else f"Everything by {by} is on again"}
% elif it.active:
${f"Stop “{it.chosen.name}”?" if it.chosen else f"Stop everything by {by}?"}
% else:
${f"“{it.chosen.name}” is switched off" if it.chosen else f"Everything by {by} is switched off"}
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
<p class="lead">What this link stopped has been deleted: nothing more comes from it.</p>
<p>If mails still arrive, follow the link at the end of the newest one.</p>
% elif it.active and done == "resume":
<p class="lead" role="status">
% if it.is_delivered:
You get what it lets through, from the next message on.
% else:
But ${by} is switched off altogether, so nothing is sent.
% endif
</p>
${button("stop", "Stop it")}
% elif it.active:
<p class="lead">
% if it.chosen:
This filter lets messages through to ${it.nick} by ${by}. Stop it, and they no longer arrive; your other filters go on.
% else:
None of ${it.nick}’s filters sends anything by ${by} then. What you get elsewhere goes on.
% endif
</p>
% if not it.is_delivered:
<p class="notice">Everything by ${by} is switched off at the moment, so nothing is sent anyway.</p>
% endif
<p>Nothing has changed yet.</p>
${button("stop", "Stop this filter" if it.chosen else f"Stop everything by {by}")}
% else:
% if done == "stop":
<p class="lead" role="status">Nothing of it is sent, from the next message on. What was on its way before may still arrive.</p>
<p>Changed your mind?</p>
% else:
<p class="lead">Nothing of it is sent to ${it.nick} by ${by}.</p>
% endif
${button("resume", "Undo" if done == "stop" else "Switch it on again", kind="button plain")}
% endif
