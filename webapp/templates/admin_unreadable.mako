<%inherit file="layout.mako"/>
<%namespace name="a" file="admin_parts.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">Unreadable messages</%def>
<%def name="width()">wide</%def>
<%def name="aside()">${a.places()}</%def>
<%!
from fmn.text import sentence
%>
<h1>Unreadable messages</h1>
<p class="lead">FMN couldn’t read these messages and won’t try again. Tell whoever publishes them. FMN keeps the last
${f"{most:,}"}, and the first 4 KB of each body.</p>
% if messages:
<ul class="rows">
% for each in messages:
<li>
<p><code>${each.topic or "no topic"}</code></p>
<p class="quiet">${time_after_preposition(request, each.received_at)} from ${each.source}: ${each.reason}. ${sentence(each.detail)}</p>
% if each.body:
<details><summary>Body</summary><pre class="code">${each.body}</pre></details>
% endif
</li>
% endfor
</ul>
% if next:
<p class="pages"><a href="${request.route_path('admin_unreadable', _query={'before': next})}">Older</a></p>
% endif
% else:
${p.empty("No unreadable messages", "Messages of an AMQP broker that FMN can’t read are listed here with the reason.")}
% endif
