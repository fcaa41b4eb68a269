<%inherit file="layout.mako"/>
<%def name="title()">What concerns you, and nothing else</%def>
<p class="eyebrow">Notifications for contributors</p>
<h1>What concerns you, and nothing else</h1>
<p class="lead">The project’s services announce everything that happens: builds, commits, updates, comments,
releases. FMN listens to all of it and tells you only what you want to know, where you want to hear it.</p>
<p class="tools"><a class="button" href="${request.route_path('sign_in')}">Sign in</a>
<a class="button plain" href="${request.route_path('catalogue')}">See what there is to hear of</a></p>

<h2>How it works</h2>
<ol class="steps">
<li><b>Filters say what.</b> “Packages that I maintain”, “my name comes up”, “comments on this update”. Choose a few
ready-made ones, each with real examples and how many messages a day it brings, or make your own.</li>
<li><b>Each channel has its own.</b> What you get by e-mail is decided apart from what you get elsewhere: at
once, in a digest, or at eight in the morning.</li>
<li><b>Every notification says why.</b> Its link “Why you got this” shows the filter and what in it held,
for ${days} days at least. Another one stops it, without signing in.</li>
</ol>
<p><a href="${request.route_path('help')}">More about how it works</a></p>

<h2>If something is wrong</h2>
<dl class="answers">
<dt>Too much arrives</dt>
<dd>Open a mail that you didn’t want and follow “Stop this filter” at its end. It takes effect with the next
message, and you can take it back on the same page.</dd>
<dt>Nothing arrives</dt>
<dd>Sign in: the first page says what is missing.</dd>
<dt>Something else</dt>
<dd>Ask whoever runs FMN for your project, and name your account and the address you expect mails at.</dd>
</dl>
