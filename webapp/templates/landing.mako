<%inherit file="layout.mako"/>
<%def name="title()">${_("Only the notifications you want")}</%def>
<p class="eyebrow">${_("Notifications for contributors")}</p>
<h1>${_("Only the notifications you want")}</h1>
<p class="lead">${_("The project’s services announce every build, commit, update, comment and release. FMN checks these events against your filters and notifies you about the ones that match, on the channels you choose.")}</p>
<p class="tools"><a class="button" href="${request.route_path('sign_in')}">${_("Sign in")}</a>
<a class="button plain" href="${request.route_path('catalogue')}">${_("Browse the event catalogue")}</a></p>

<h2>${_("How it works")}</h2>
<ol class="steps">
<li><b>${_("Filters decide what you get.")}</b> ${_("“Packages that I maintain”, “my name comes up”, “comments on this update”. Pick ready-made filters, each with real examples and its daily volume, or create your own.")}</li>
<li><b>${_("Each channel has its own settings.")}</b> ${_("E-mail, chat and the others have separate filters and schedules: immediately, in a digest, or at 08:00.")}</li>
<li><b>${_("Every notification says why you got it.")}</b> ${ngettext("Its link “Why you got this” shows the filter and the rules that matched, for at least {days} day. A second link stops the filter, without signing in.", "Its link “Why you got this” shows the filter and the rules that matched, for at least {days} days. A second link stops the filter, without signing in.", days).format(days=days)}</li>
</ol>
<p><a href="${request.route_path('help')}">${_("More about how it works")}</a></p>

<h2>${_("Troubleshooting")}</h2>
<dl class="answers">
<dt>${_("You get too many notifications")}</dt>
<dd>${_("Open a mail you didn’t want and follow “Stop this filter” at its end. The filter stops with the next message, and you can undo this on the same page.")}</dd>
<dt>${_("You get no notifications")}</dt>
<dd>${_("Sign in: your home page lists what to fix.")}</dd>
<dt>${_("Something else")}</dt>
<dd>${_("Contact your FMN administrator. Include your account name and the address where you expect mails.")}</dd>
</dl>
