## What administrators' pages share.
<%namespace name="layout" file="layout.mako"/>
<%def name="places()">
<nav aria-label="${_('Administration')}">
${layout.place("admin", _("Status"), "activity")}
${layout.place("admin_people", _("People"), "users")}
${layout.place("admin_deliveries", _("Failed deliveries"), "circle-alert")}
${layout.place("admin_trace", _("Trace a message"), "search")}
${layout.place("admin_topics", _("Unknown topics"), "circle-question-mark")}
${layout.place("admin_unreadable", _("Unreadable messages"), "file-text")}
${layout.place("admin_hooks", _("Webhooks"), "webhook")}
${layout.place("admin_audit", _("Audit log"), "history")}
</nav>
</%def>

## Groups of deliveries with what went wrong, and when last, or for ``retried`` ones until when they're tried again.
<%def name="failed(failures, act, retried=False)">
<ul class="rows">
% for each in failures:
<li>
<p${english() if each.reason and reason_text(each.reason) == each.reason else ""}>${reason_text(each.reason) if each.reason else _("No reason given.")}</p>
<p class="quiet">${fill(until(retried, each.last), deliveries=deliveries(each), when=time_element(request, each.last) if each.last else "")}</p>
% if act:
${act(each)}
% endif
</li>
% endfor
</ul>
</%def>

<%def name="topics(found)">
<div class="scrolls" tabindex="0" role="region" aria-label="${_('Topics')}">
<table>
<thead><tr><th>${ngettext("Topic", "Topics", 1)}</th><th class="number">${_("Messages")}</th><th>${_("Last seen")}</th></tr></thead>
<tbody>
% for each in found:
<tr><td><code>${each.topic}</code></td><td class="number">${each.count}</td><td class="when">${time_after_preposition(request, each.last)}</td></tr>
% endfor
</tbody>
</table>
</div>
</%def>
<%!
from fmn.ledger.reasons import reason_text
from fmn.localized import number_text
from fmn.translations import gettext, ngettext
from webapp.context_names import context_name


def deliveries(group):
    """How many deliveries a group has, and by which channel."""
    return ngettext("{n} delivery by {channel}", "{n} deliveries by {channel}", group.count).format(
        n=number_text(group.count), channel=context_name(group.context))


def until(retried, last):
    """The sentence about a group of deliveries."""
    if not last:
        return "{deliveries}"
    return gettext("{deliveries}, next attempts until {when}") if retried else gettext("{deliveries}, last {when}")
%>
