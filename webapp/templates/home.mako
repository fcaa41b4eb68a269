<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%namespace name="c" file="charts.mako"/>
<%namespace name="pause" file="pause_parts.mako"/>
<%def name="title()">Your notifications</%def>
<%def name="width()">wide</%def>
<%!
from fmn.text import pluralize
from fmn.channels import mask_address
from fmn.people.addresses import AddressStatus
from webapp.preferences.channel_problems import Remedy
%>

<%def name="remedy_button(channel, problem)">
<%
    here = channel.preference.context
    page = request.route_path("preference", context=here)
    links = {
        Remedy.ADD_ADDRESS: ("Add an address", f"{page}#addresses"),
        Remedy.CONFIRM: ("Confirm the address", f"{page}#addresses"),
        Remedy.CHOOSE_FILTERS: ("Choose filters", request.route_path("welcome")),
        Remedy.SEE_FILTERS: ("Review filters", f"{page}#filters"),
        Remedy.SEE_FILTER: ("Review the filter", request.route_path("filter", filter_id=problem.about) if problem.about else ""),
        Remedy.SEE_INBOX: ("Open the inbox", request.route_path("inbox", _query={"context": here})),
    }
%>
% if problem.remedy is Remedy.SWITCH_ON:
${p.act(request.route_path("preference_switch", context=here), f"Switch {context_name(here)} on", kind="button small", hidden={"on": "true", "to": request.route_path("home")})}
% elif problem.remedy is Remedy.RESEND:
${p.act(request.route_path("address", address_id=problem.about, action="resend"), "Resend the link", kind="button small", hidden={"to": request.route_path("home")})}
% else:
<a class="button small" href="${links[problem.remedy][1]}">${links[problem.remedy][0]}</a>
% endif
</%def>

<%def name="state_of(address)">\
% if address.status is AddressStatus.CONFIRMED:
${p.state("confirmed", "good")}\
% elif address.status is AddressStatus.STOPPED:
${p.state("stopped", "bad")}\
% else:
${p.state("not confirmed", "bad")}\
% endif
</%def>

<%def name="card(channel)">
<% it, here, figures = channel.preference, channel.preference.context, channel.figures %>
<section class="card" aria-labelledby="channel-${here}">
<div class="split">
<h2 id="channel-${here}"><a href="${request.route_path('preference', context=here)}">${context_heading(here)}</a> ${p.state("on", "good") if it.enabled else p.state("off")}</h2>
% if it.enabled:
${p.act(request.route_path("preference_switch", context=here), f"Switch {context_name(here)} off", hidden={"on": "false", "to": request.route_path("home")})}
% endif
</div>
% for problem in channel.problems:
<div class="${'channel-problem notice' if it.enabled or problem.remedy is not Remedy.SWITCH_ON else 'channel-problem'}">
<p>${problem.sentence}</p>
${remedy_button(channel, problem)}
</div>
% endfor
<dl class="facts">
% if channel.addresses:
<div><dt>Addresses</dt><dd><ul class="plain">
% for address in channel.addresses:
<li>${mask_address(here, address.value)} ${state_of(address)}</li>
% endfor
</ul></dd></div>
% endif
<div><dt>Schedule</dt><dd>${frequency_text(it)}\
% if quiet_hours_text(it):
; ${quiet_hours_text(it)}\
% endif
</dd></div>
<div><dt>Filters</dt><dd><a href="${request.route_path('preference', context=here)}#filters">${pluralize(channel.filters.total, "filter") if channel.filters.total else "no filters"}</a>\
% if 0 < channel.filters.on < channel.filters.total:
, ${channel.filters.on} of them on\
% endif
</dd></div>
% if channel.pending_digest is not None:
<div><dt>Pending</dt><dd>${pluralize(channel.pending_digest.count, "notification")} for the next digest,
% if channel.pending_digest.due_at is None:
which is sent as soon as it’s full
% elif channel.pending_digest.due_at <= request.now:
which is being sent now
% else:
which is sent ${when(channel.pending_digest.due_at)}
% endif
</dd></div>
% endif
<div><dt>Volume</dt><dd>${volume(figures)}\
% if figures.total:
 ${c.spark([day.messages for day in figures.came], volume(figures))}\
% endif
</dd></div>
</dl>
</section>
</%def>

<div class="split heading">
<h1>Your notifications</h1>
${pause.menu()}
</div>
% if new:
<section class="card begin" aria-labelledby="begin">
<h2 id="begin">Get started</h2>
<p>You don’t get any notifications yet. Choose a few filters and an address: it takes a minute.</p>
<p><a class="button" href="${request.route_path('welcome')}">Choose filters</a></p>
</section>
% endif
% if figures is not None:
<section class="card" aria-labelledby="lately">
<h2 id="lately">${_("In the last {days} days").format(days=len(figures.labels))}</h2>
${c.chart(figures, figures_in_words, _("Day"))}
</section>
% endif
<div class="channels">
% for channel in channels:
${card(channel)}
% endfor
</div>
% if not new:
<p class="quiet">Want more? <a href="${request.route_path('welcome')}">Add a ready-made filter</a>, or remove one of your
<a href="${request.route_path('mutes')}">mutes</a>.</p>
% endif
