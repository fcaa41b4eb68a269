<%inherit file="layout.mako"/>
<%def name="title()">How FMN works</%def>
<%!
from fmn.channels import Proof, channel_type
%>
<% proofs = {channel_type(each).proof for each in request.contexts} %>

<h1>How FMN works</h1>
<p class="lead">The project’s services publish messages about what happens on a message bus. FMN checks each message
against everybody’s filters and notifies the people whose filters match.</p>

<nav aria-label="On this page">
<ul class="contents">
% for anchor, words in (("filters", "Filters"), ("channels", "Channels and addresses"), ("often", "Schedule"), ("inbox", "Inbox"), ("less", "Getting fewer notifications"), ("writing", "Writing a filter as text"), ("api", "API"), ("wrong", "Troubleshooting")):
<li><a href="#${anchor}">${words}</a></li>
% endfor
</ul>
</nav>

<h2 id="filters">Filters</h2>
<p>A filter is a list of rules. Each rule checks one thing about a message: whether it’s about a package you maintain,
whether a build failed, whether you caused it. A filter matches a message if all its rules match, and you get a
notification.</p>
<ul>
<li><b>Rules can be inverted.</b> “Not: caused by me” leaves out what you did yourself.</li>
<li><b>The first matching filter wins.</b> FMN checks your filters in order. You get one notification for a message,
even if several filters match.</li>
<li><b>The preview shows what matches.</b> While you edit a filter, you see which recent messages match and how many
that is per day.</li>
<li><b>Mistakes are reported early.</b> You can’t save a filter that matches everything, or one that can never
match.</li>
<li><b>Delayed failures.</b> A filter can delay failures by some minutes. If the build, test or host recovers within
that time, you get no notification.</li>
<li><b>Only once, or later.</b> A filter can switch itself off after one match (“tell me when this build is done”),
or be snoozed until a day you choose.</li>
</ul>
<p>The <a href="${request.route_path('catalogue')}">event catalogue</a> lists everything a filter can match, with an example of each
event type.
% if request.identity:
To start quickly, <a href="${request.route_path('watch')}">watch a package, person, group or application</a>, or
choose some <a href="${request.route_path('welcome')}">ready-made filters</a>.
% else:
To start quickly, <a href="${request.route_path('sign_in', _query={'to': request.route_path('welcome')})}">sign in</a> and choose some ready-made filters.
% endif
</p>

<h2 id="channels">Channels and addresses</h2>
<p>Each channel has its own filters, schedule and format. You can copy a filter to another channel. A channel that is
off sends nothing and keeps its filters.</p>
<p>We send nothing to an address before you confirm it. We’ll send you one mail with a link: open the link and confirm.
% if Proof.CODE in proofs:
On channels without links we send a code, which you type on the channel’s page.
% endif
% if Proof.REPLY in proofs:
On IRC, send the message that the IRC page shows from your IRC nick.
% endif
Links and codes work for some days, and you can get new ones.</p>
% if Proof.REPLY in proofs:
<p>On IRC you can send commands to FMN. Say “help” for a list: show your filters, explain the last notification, mute
a package for a while.</p>
% endif

<h2 id="often">Schedule</h2>
<dl class="answers">
<dt>Immediately</dt>
<dd>One notification for each event, within seconds.</dd>
<dt>In a digest</dt>
<dd>Several notifications together: for example after 20 notifications or 4 hours, whichever comes first.</dd>
<dt>At set times</dt>
<dd>One digest at each time you choose: for example at 08:00 on weekdays, in your time zone.</dd>
<dt>Quiet hours</dt>
<dd>No notifications between two times, for example from 22:00 to 07:00. Afterwards you get everything in one digest.
You can let urgent ones through, such as failed builds.</dd>
</dl>
<p>If a great deal happens at once, as in a mass rebuild, you get the first few notifications one by one. The others
come in digests until it calms down. The first of these digests says so.</p>
<p>Digests group related events: who pushed to one package and 487 others.</p>

<h2 id="inbox">Inbox</h2>
<p>The <a href="${request.route_path('inbox')}">inbox</a> lists every notification of all your channels: when and where it was sent,
which filter matched, and why it failed if it did. You can search it, read it in a feed reader, or keep it open: new
notifications appear by themselves. It goes back ${days} days.</p>

<h2 id="less">Getting fewer notifications</h2>
<p>Every notification has two links that work without signing in:</p>
<ul>
<li><b>Why you got this</b> shows the full message and the rules that matched. On that page you can mute the event
type, the package or the thread, for a week or forever. A mute applies to all your filters and channels until you
remove it.</li>
<li><b>Stop this filter</b> switches the filter off. Many mail programs show a button for it.</li>
</ul>

<h2 id="writing">Writing a filter as text</h2>
<p>As text, a filter can do everything the form can, and more. Combine rules with <code>and</code>, <code>or</code>,
<code>not</code> and parentheses:</p>
<dl class="examples">
% for text, meaning in examples.items():
<dt><code>${text}</code></dt>
<dd>${meaning}</dd>
% endfor
</dl>
<ul>
<li><code>@me</code> is your account. You can use any account name instead.</li>
<li>Separate several values by commas, in quotation marks: <code>package_filter("php, moss")</code> matches either
package.</li>
<li>Put values with spaces or punctuation in quotation marks. Inside them, write <code>\"</code> for a quotation mark
and <code>\\</code> for a backslash.</li>
<li>Regular expressions use RE2 syntax. They match anywhere in the text unless they start with <code>^</code>.</li>
</ul>
<h3>Rules for any message</h3>
<p>Each event type in the <a href="${request.route_path('catalogue')}">catalogue</a> is also a rule, with the event type’s name.</p>
<dl class="examples">
% for rule in rules:
<dt><code>${rule.name}(${", ".join(argument.name for argument in rule.arguments)})</code></dt>
<dd>${rule.help}</dd>
% endfor
</dl>

<h2 id="api">API</h2>
<p>Programs can do everything you can do here, with a token you create and can revoke. See the
<a href="${request.route_path('api')}">API reference</a>, which is also available as an OpenAPI document. You can also export all your
preferences as one file, keep it under version control, and import it again.</p>

<h2 id="wrong">Troubleshooting</h2>
<dl class="answers">
<dt>You get too many notifications</dt>
<dd>Follow “Why you got this” in one of the mails. The page names the filter, and you can mute there.</dd>
<dt>You get no notifications</dt>
<dd>Your <a href="${request.route_path('home')}">home page</a> lists what to fix: an unconfirmed address, a channel that is off, a
mail server that rejects our mail. The <a href="${request.route_path('inbox')}">inbox</a> shows whether there was anything to send.</dd>
<dt>You missed one notification</dt>
<dd>Ask <a href="${request.route_path('why_not')}">Why didn’t I get this?</a> with the message’s id or a link to it. The page
shows the first rule of each filter that said no, and anything else that kept the message from you.</dd>
<dt>Something else</dt>
<dd>Contact your FMN administrator. Include your account name.</dd>
</dl>
