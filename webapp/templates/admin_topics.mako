<%inherit file="layout.mako"/>
<%namespace name="a" file="admin_parts.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">${_("Unknown topics")}</%def>
<%def name="width()">wide</%def>
<%def name="aside()">${a.places()}</%def>
<h1>${_("Unknown topics")}</h1>
<p class="lead">${_("The catalogue has no entry for these topics. Their messages match only the rules for any message and are sent with a generic text. To give them a title, a link and rules, add a catalogue entry: see the documentation.")}</p>
% if topics:
${a.topics(topics)}
% else:
${p.empty(_("No unknown topics"), _("The catalogue has an entry for every topic received."))}
% endif
