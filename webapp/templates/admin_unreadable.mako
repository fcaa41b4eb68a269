<%inherit file="layout.mako"/>
<%namespace name="a" file="admin_parts.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">${_("Unreadable messages")}</%def>
<%def name="width()">wide</%def>
<%def name="aside()">${a.places()}</%def>
<%!
from fmn.localized import number_text
from fmn.text import sentence
%>
<h1>${_("Unreadable messages")}</h1>
<p class="lead">${_("FMN couldn’t read these messages and won’t try again. Tell whoever publishes them. FMN keeps the last {number}, and the first 4 KB of each body.").format(number=number_text(most))}</p>
% if messages:
<ul class="rows">
% for each in messages:
<li>
<p>${literal(each.topic) if each.topic else _("no topic")}</p>
<p class="quiet">${fill(_("{when} from {source}: {reason}."), when=time_after_preposition(request, each.received_at), source=each.source, reason=in_english(each.reason))} ${in_english(sentence(each.detail))}</p>
% if each.body:
<details><summary>${_("Body")}</summary><pre class="code">${each.body}</pre></details>
% endif
</li>
% endfor
</ul>
% if next:
<p class="pages"><a href="${request.route_path('admin_unreadable', _query={'before': next})}">${_("Older")}</a></p>
% endif
% else:
${p.empty(_("No unreadable messages"), _("Messages of an AMQP broker that FMN can’t read are listed here with the reason."))}
% endif
