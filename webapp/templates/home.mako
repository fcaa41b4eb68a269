<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">What you’re sent</%def>
<%def name="width()">${"column" if len(channels) < 2 else "wide"}</%def>
<%!
from fmn.text import counted
from fmn.channels import shown
from fmn.people.addresses import Standing
from webapp.preferences.channel_problems import Mend
%>

<%def name="mending(channel, trouble)">
<%
    here = channel.preference.context
    page = request.route_path("preference", context=here)
    links = {
        Mend.ADD_ADDRESS: ("Add an address", f"{page}#addresses"),
        Mend.CONFIRM: ("Confirm it", f"{page}#addresses"),
        Mend.CHOOSE_FILTERS: ("Choose some", request.route_path("welcome")),
        Mend.SEE_FILTERS: ("See the filters", f"{page}#filters"),
        Mend.SEE_FILTER: ("See the filter", request.route_path("filter", filter_id=trouble.about) if trouble.about else ""),
        Mend.SEE_INBOX: ("See what wasn’t sent", request.route_path("inbox", _query={"context": here})),
    }
%>
% if trouble.mend is Mend.SWITCH_ON:
${p.act(request.route_path("preference_switch", context=here), f"Switch {spoken(here)} on", kind="button small", hidden={"on": "true", "to": request.route_path("home")})}
% elif trouble.mend is Mend.RESEND:
${p.act(request.route_path("address", address_id=trouble.about, action="resend"), "Send the link again", kind="button small", hidden={"to": request.route_path("home")})}
% else:
<a class="button small" href="${links[trouble.mend][1]}">${links[trouble.mend][0]}</a>
% endif
</%def>

<%def name="state_of(address)">\
% if address.standing is Standing.CONFIRMED:
${p.state("confirmed", "good")}\
% elif address.standing is Standing.STOPPED:
${p.state("stopped", "bad")}\
% else:
${p.state("not confirmed", "bad")}\
% endif
</%def>

<%def name="card(channel)">
<% it, here, flow = channel.preference, channel.preference.context, channel.traffic %>
<section class="card" aria-labelledby="channel-${here}">
<div class="split">
<h2 id="channel-${here}"><a href="${request.route_path('preference', context=here)}">${titled(here)}</a> ${p.state("on", "good") if it.enabled else p.state("off")}</h2>
% if it.enabled:
${p.act(request.route_path("preference_switch", context=here), f"Switch {spoken(here)} off", hidden={"on": "false", "to": request.route_path("home")})}
% endif
</div>
% for trouble in channel.troubles:
<div class="${'trouble notice' if it.enabled or trouble.mend is not Mend.SWITCH_ON else 'trouble'}">
<p>${trouble.sentence}</p>
${mending(channel, trouble)}
</div>
% endfor
<dl class="facts">
% if channel.addresses:
<div><dt>To</dt><dd><ul class="plain">
% for address in channel.addresses:
<li>${shown(here, address.value)} ${state_of(address)}</li>
% endfor
</ul></dd></div>
% endif
<div><dt>When</dt><dd>${how_often(it)}\
% if quiet_hours(it):
; ${quiet_hours(it)}\
% endif
</dd></div>
<div><dt>What</dt><dd><a href="${request.route_path('preference', context=here)}#filters">${counted(channel.filters.total, "filter") if channel.filters.total else "no filter"}</a>\
% if 0 < channel.filters.on < channel.filters.total:
, ${channel.filters.on} of them on\
% endif
</dd></div>
% if channel.batch is not None:
<div><dt>Waiting</dt><dd>${counted(channel.batch.count, "message")} for the next digest,
% if channel.batch.due_at is None:
which goes out as soon as there are enough
% elif channel.batch.due_at <= request.now:
which goes out now
% else:
which goes out ${when(channel.batch.due_at)}
% endif
</dd></div>
% endif
<div><dt>How much</dt><dd>${f"{per_day(flow.average)}, {flow.total:,}" if flow.total else "nothing"} in the last ${counted(len(flow.days), "day")}</dd></div>
</dl>
% if flow.total:
${p.bars(flow.days, f"Messages a day in the last {counted(len(flow.days), 'day')}: {', '.join(str(day.messages) for day in flow.days)}")}
<p class="ends quiet"><span>${f"{flow.days[0].date.day} {flow.days[0].date:%B}"}</span><span>today</span></p>
% endif
</section>
</%def>

<h1>What you’re sent</h1>
% if new:
<section class="card begin" aria-labelledby="begin">
<h2 id="begin">Begin here</h2>
<p>Nothing is sent to you yet. Choose a few things that you want to hear of, and an address: it takes a minute.</p>
<p><a class="button" href="${request.route_path('welcome')}">Choose what to hear of</a></p>
</section>
% endif
<div class="channels">
% for channel in channels:
${card(channel)}
% endfor
</div>
% if not new:
<p class="quiet">Looking for more? <a href="${request.route_path('welcome')}">Add one of the ready-made filters</a>, or lift one of your
<a href="${request.route_path('mutes')}">mutes</a>.</p>
% endif
