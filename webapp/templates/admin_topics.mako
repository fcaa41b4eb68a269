<%inherit file="layout.mako"/>
<%namespace name="a" file="admin_parts.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">Unknown topics</%def>
<%def name="width()">wide</%def>
${a.places()}
<h1>Topics that the catalogue doesn’t know</h1>
<p class="lead">Messages of these topics match the general rules alone, and are sent with a generic text. An
entry in the catalogue gives them a title, a link and rules of their own; the documentation says how.</p>
% if topics:
${a.topics(topics)}
% else:
${p.empty("The catalogue knows everything that came", "That is how it should be.")}
% endif
