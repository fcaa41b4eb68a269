<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%namespace name="c" file="charts.mako"/>
<%namespace name="pause" file="pause_parts.mako"/>
<%def name="title()">${_("Your notifications")}</%def>
<%def name="width()">wide</%def>
<%!
from fmn.channels import mask_address
from fmn.localized import number_text, short_weekday_and_date
from fmn.people.addresses import AddressStatus
from webapp.icons import channel_icon
from webapp.preferences.channel_problems import Remedy


def filters_text(filters):
    if not filters.total:
        return _("{start}no filters{end}")
    if 0 < filters.on < filters.total:
        return ngettext(
            "{start}{number} filter{end}, {on} of them on", "{start}{number} filters{end}, {on} of them on",
            filters.total)
    return ngettext("{start}{number} filter{end}", "{start}{number} filters{end}", filters.total)


def pending_text(pending, now):
    if pending.due_at is None:
        return ngettext(
            "{number} notification for the next digest, which is sent as soon as it’s full",
            "{number} notifications for the next digest, which is sent as soon as it’s full", pending.count)
    if pending.due_at <= now:
        return ngettext(
            "{number} notification for the next digest, which is being sent now",
            "{number} notifications for the next digest, which is being sent now", pending.count)
    return ngettext(
        "{number} notification for the next digest, which is sent {when}",
        "{number} notifications for the next digest, which is sent {when}", pending.count)
%>

<%def name="remedy_button(channel, problem)">
<%
    here = channel.preference.context
    page = request.route_path("preference", context=here)
    links = {
        Remedy.ADD_ADDRESS: (_("Add an address"), f"{page}#addresses"),
        Remedy.CONFIRM: (_("Confirm the address"), f"{page}#addresses"),
        Remedy.CHOOSE_FILTERS: (_("Choose filters"), request.route_path("welcome")),
        Remedy.SEE_FILTERS: (_("Review filters"), f"{page}#filters"),
        Remedy.SEE_FILTER: (_("Review the filter"), request.route_path("filter", filter_id=problem.about) if problem.about else ""),
        Remedy.SEE_INBOX: (_("Open the inbox"), request.route_path("inbox", _query={"context": here})),
    }
%>
% if problem.remedy is Remedy.SWITCH_ON:
${p.act(request.route_path("preference_switch", context=here), _("Switch {channel} on").format(channel=context_name(here)), kind="button small", hidden={"on": "true", "to": request.route_path("home")})}
% elif problem.remedy is Remedy.RESEND:
${p.act(request.route_path("address", address_id=problem.about, action="resend"), _("Resend the link"), kind="button small", hidden={"to": request.route_path("home")})}
% else:
<a class="button small" href="${links[problem.remedy][1]}">${links[problem.remedy][0]}</a>
% endif
</%def>

<%def name="state_of(address)">\
% if address.status is AddressStatus.CONFIRMED:
${p.state(_("confirmed"), "good")}\
% elif address.status is AddressStatus.STOPPED:
${p.state(_("stopped"), "bad")}\
% else:
${p.state(_("not confirmed"), "bad")}\
% endif
</%def>

<%def name="card(channel)">
<% it, here, figures = channel.preference, channel.preference.context, channel.figures %>
<section class="card" aria-labelledby="channel-${here}">
<div class="split">
<h2 id="channel-${here}"><a href="${request.route_path('preference', context=here)}">${context_heading(here)}</a> ${p.state(_("on"), "good") if it.enabled else p.state(_("off"))}</h2>
% if it.enabled:
${p.act(request.route_path("preference_switch", context=here), _("Switch {channel} off").format(channel=context_name(here)), hidden={"on": "false", "to": request.route_path("home")})}
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
<div><dt>${_("Addresses")}</dt><dd><ul class="plain">
% for address in channel.addresses:
<li>${mask_address(here, address.value)} ${state_of(address)}</li>
% endfor
</ul></dd></div>
% endif
<% quiet = quiet_hours_text(it) %>
<div><dt>${_("Schedule")}</dt><dd>${_("{schedule}; {quiet_hours}").format(schedule=frequency_text(it), quiet_hours=quiet) if quiet else frequency_text(it)}</dd></div>
<div><dt>${_("Filters")}</dt><dd>${fill(filters_text(channel.filters), start=link(f"{request.route_path('preference', context=here)}#filters"), number=channel.filters.total, on=channel.filters.on)}</dd></div>
% if channel.pending_digest is not None:
<% pending = channel.pending_digest %>
<div><dt>${_("Pending")}</dt><dd>${fill(pending_text(pending, request.now), number=number_text(pending.count), when="" if pending.due_at is None else when(pending.due_at))}</dd></div>
% endif
<div><dt>${_("Volume")}</dt><dd class="volume"><span>${volume(figures)}</span>
% if figures.total:
${c.spark([day.messages for day in figures.came], _("Notifications per day"), [short_weekday_and_date(day.date) for day in figures.came])}
% endif
</dd></div>
</dl>
</section>
</%def>

<div class="split heading">
<h1>${_("Your notifications")}</h1>
${pause.menu()}
</div>
% if new:
<section class="card begin" aria-labelledby="begin">
<h2 id="begin">${_("Get started")}</h2>
<p>${_("You don’t get any notifications yet. Choose a few filters and an address: it takes a minute.")}</p>
<p><a class="button" href="${request.route_path('welcome')}">${_("Choose filters")}</a></p>
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
% if not channel.is_unused:
${card(channel)}
% endif
% endfor
</div>
<% unused = [each.preference.context for each in channels if each.is_unused] %>
% if unused:
<section aria-labelledby="unused">
<h2 id="unused">${_("Other channels") if len(unused) < len(channels) else _("Channels")}</h2>
<ul class="rows">
% for each in unused:
<li class="split"><span>${p.icon(channel_icon(each))} ${context_heading(each)}</span>
<a class="button plain small" href="${request.route_path('preference', context=each)}">${_("Set up {channel}").format(channel=context_name(each))}</a></li>
% endfor
</ul>
</section>
% endif
% if not new:
<p class="quiet">${fill(_("Want more? {start}Add a ready-made filter{end}, or remove one of your {mutes}mutes{end}."), start=link(request.route_path("welcome")), mutes=link(request.route_path("mutes")))}</p>
% endif
