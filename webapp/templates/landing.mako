<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%!
from fmn.catalog.events import Severity

#: The events in the picture: severity, application's category and title, sentence, time, and whether it's unread.
PICTURE = (
    (Severity.ERROR, "buildsys", "Koji", "moss-2.4-1.fc44 failed to build", "09:41", True),
    (Severity.INFO, "bodhi", "Bodhi", "mary commented on the update fern-1.9-2.fc44: works for me", "09:36", True),
    (Severity.WARNING, "koschei", "Koschei", "moss can’t be rebuilt: a dependency is missing", "08:58", False),
    (Severity.INFO, "pagure", "Pagure", "tom opened the pull request rpms/moss#12", "08:20", False),
    (Severity.INFO, "anitya", "Upstream releases", "lichen 3.0 was released upstream", "07:15", False),
)
%>
<%def name="title()">${_("Only the notifications you want")}</%def>
<%def name="width()">wide</%def>

## What FMN does, at a glance: an inbox, drawn of the parts that the real one has. It's for the eyes only.
<%def name="picture()">
<div class="picture" aria-hidden="true">
<p class="head">${p.icon("inbox")} <b>${_("Inbox")}</b> <span class="count">2</span><span class="asked"><span>package:moss</span> <span>is:unread</span></span></p>
<ul>
% for severity, category, application, sentence, at, unread in PICTURE:
<li class="${'unread' if unread else ''}">
${p.severity(severity)} ${p.application(category, application)} <span class="what"${english()}>${sentence}</span> <time class="quiet">${at}</time>
</li>
% if loop.first:
<li class="because"><span>${p.icon("list-filter")} ${_("Matched “{filter}”").format(filter=_("Something is wrong with my packages"))}</span> ${p.state(_("Sent by e-mail"), "good")}</li>
% endif
% endfor
</ul>
</div>
</%def>

<div class="hero">
<div>
<p class="eyebrow">${_("Notifications for contributors")}</p>
<h1>${_("Only the notifications you want")}</h1>
<p class="lead">${_("The project’s services announce every build, commit, update, comment and release. FMN checks these events against your filters and notifies you about the ones that match, on the channels you choose.")}</p>
<p class="tools"><a class="button" href="${request.route_path('sign_in')}">${p.icon("log-in")} ${_("Sign in")}</a>
<a class="button plain" href="${request.route_path('catalogue')}">${_("Browse the event catalogue")}</a></p>
</div>
${picture()}
</div>

<section aria-labelledby="how">
<h2 id="how">${_("How it works")}</h2>
<ol class="steps cards">
<li><b>${_("Filters decide what you get.")}</b> ${_("“Packages that I maintain”, “my name comes up”, “comments on this update”. Pick ready-made filters, each with its daily volume, or create your own.")}</li>
<li><b>${_("Each channel has its own settings.")}</b> ${_("E-mail, chat and the others have separate filters and schedules: immediately, in a digest, or at 08:00.")}</li>
<li><b>${_("Every notification says why you got it.")}</b> ${ngettext("Its link “Why you got this” shows the filter and the rules that matched, for at least {days} day. A second link stops the filter, without signing in.", "Its link “Why you got this” shows the filter and the rules that matched, for at least {days} days. A second link stops the filter, without signing in.", days).format(days=days)}</li>
</ol>
<p><a href="${request.route_path('help')}">${_("More about how it works")}</a></p>
</section>

<section aria-labelledby="trouble">
<h2 id="trouble">${_("Troubleshooting")}</h2>
<dl class="answers side">
<div>
<dt>${_("You get too many notifications")}</dt>
<dd>${_("Open a mail you didn’t want and follow “Stop this filter” at its end. The filter stops with the next message, and you can undo this on the same page.")}</dd>
</div>
<div>
<dt>${_("You get no notifications")}</dt>
<dd>${_("Sign in: your home page lists what to fix.")}</dd>
</div>
<div>
<dt>${_("Something else")}</dt>
<dd>${_("Contact your FMN administrator. Include your account name and the address where you expect mails.")}</dd>
</div>
</dl>
</section>
