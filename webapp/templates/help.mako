<%inherit file="layout.mako"/>
<%def name="title()">How FMN works</%def>
<%!
from fmn.channels import Proof, channel_type
%>
<% proofs = {channel_type(each).proof for each in request.contexts} %>

<h1>How FMN works</h1>
<p class="lead">The project’s services announce what happens, as messages on a bus. FMN holds each message against
everybody’s filters and tells those whom it concerns.</p>

<nav aria-label="On this page">
<ul class="contents">
% for anchor, words in (("filters", "Filters"), ("channels", "Channels and addresses"), ("often", "How often"), ("inbox", "The inbox"), ("less", "Hearing less"), ("writing", "Writing a filter as text"), ("api", "Programs"), ("wrong", "If something is wrong")):
<li><a href="#${anchor}">${words}</a></li>
% endfor
</ul>
</nav>

<h2 id="filters">Filters</h2>
<p>A filter is a few rules, and each rule is a question that has an answer for every message: is it about a package
that I maintain? Did a build fail? Did I do it myself? A message gets through if it fits all the rules of one of
your filters.</p>
<ul>
<li><b>A rule can be turned round.</b> “Not: caused by me” leaves out what you did yourself.</li>
<li><b>The first one counts.</b> Your filters are asked in their order, and the first that fits sends the message.
You hear of it once, however many others fit too.</li>
<li><b>You see it before you save it.</b> While you edit a filter, FMN shows what it would have let through in the
last days, and how many messages a day that is.</li>
<li><b>Mistakes are told at once.</b> A filter that would let everything through can’t be saved, nor one that can
never let anything through.</li>
<li><b>Only what stays broken.</b> A filter can hold failures for some minutes: if the build, the test or the host is
well again by then, you’re told of neither.</li>
<li><b>For once, or not just now.</b> A filter can switch itself off after the next message (“tell me when this
build is done”), or sleep until a day that you choose.</li>
</ul>
<p>What can be asked for is in the <a href="${request.route_path('catalogue')}">catalogue</a>, with an example of each kind of
message.
% if request.identity:
<a href="${request.route_path('welcome')}">A few filters to begin with</a> are ready to be chosen.
% else:
Once you are <a href="${request.route_path('sign_in', _query={'to': request.route_path('welcome')})}">signed in</a>, a few filters to begin with are ready to be chosen.
% endif
</p>

<h2 id="channels">Channels and addresses</h2>
<p>Each channel has filters of its own: what you get by e-mail is decided apart from what you get elsewhere. A filter
can be copied to another channel. A channel that is off sends nothing and keeps its filters.</p>
<p>An address gets nothing before you confirm it. FMN writes to it once, with a link; follow it and press the
button there.
% if Proof.CODE in proofs:
Where there are no links it’s a code, which you type on the page of that channel.
% endif
% if Proof.REPLY in proofs:
On IRC it doesn’t talk to you first: the page of IRC shows what to say to it.
% endif
All of these work for some days, twice is harmless, and you can have new ones.</p>
% if Proof.REPLY in proofs:
<p>On IRC you can talk to FMN. Say “help” to it for what it knows: what your filters are, why you got the last message,
how to hear nothing of a package for a while.</p>
% endif

<h2 id="often">How often</h2>
<dl class="answers">
<dt>At once</dt>
<dd>Each message by itself, seconds after it happened.</dd>
<dt>In a digest</dt>
<dd>As soon as 20 wait, say, or 4 hours after the first of them, or both, whichever comes first.</dd>
<dt>By the clock</dt>
<dd>A digest at 08:00 on weekdays, in your time zone.</dd>
<dt>Quiet hours</dt>
<dd>From 22:00 until 07:00, say, nothing is sent; what came meanwhile is sent together afterwards. What is severe,
such as a failed build, can be let through.</dd>
</dl>
<p>If a great deal happens at once, as in a mass rebuild, you get the first few messages singly. The rest comes
together every now and then until it calms down, and the first of these mails says so.</p>
<p>In a digest, events that belong together are told as one: who pushed to one package and 487 others.</p>

<h2 id="inbox">The inbox</h2>
<p>All that FMN sent you or is going to send you is in the <a href="${request.route_path('inbox')}">inbox</a>, on whichever
channel: when, to where, because of which filter, and if it couldn’t be sent, why. You can search it, read it as a
feed, or watch it while messages come in. Reading takes nothing away from other readers. It goes back ${days} days.</p>

<h2 id="less">Hearing less</h2>
<p>Every notification has two links that work without signing in.</p>
<ul>
<li><b>Why you got this</b> shows the message in full, and your filter’s rules one by one with their answers. From
there you can mute this kind of message, this package or this thread, for a week or for good; a mute holds for all
your filters and channels until you lift it.</li>
<li><b>Stop this filter</b> switches the filter off. Many mail programs have a button for it.</li>
</ul>

<h2 id="writing">Writing a filter as text</h2>
<p>Whatever can be clicked together can be written, and more. Rules are joined by <code>and</code>, <code>or</code>,
<code>not</code> and parentheses:</p>
<dl class="examples">
% for text, meaning in examples.items():
<dt><code>${text}</code></dt>
<dd>${meaning}</dd>
% endfor
</dl>
<ul>
<li><code>@me</code> is you. Any account’s name can stand there.</li>
<li>Several values are separated by commas, in quotation marks: <code>package_filter("php, moss")</code> is about one
of them.</li>
<li>A value that has blanks or other marks in it stands in quotation marks. Within them, <code>\"</code> and
<code>\\</code> are those two.</li>
<li>Regular expressions are RE2’s, and look anywhere in the text unless they begin with <code>^</code>.</li>
</ul>
<h3>Rules about any message</h3>
<p>Beside these, each kind of message in the <a href="${request.route_path('catalogue')}">catalogue</a> is a rule under its name.</p>
<dl class="examples">
% for rule in rules:
<dt><code>${rule.name}(${", ".join(argument.name for argument in rule.arguments)})</code></dt>
<dd>${rule.help}</dd>
% endfor
</dl>

<h2 id="api">Programs</h2>
<p>What you can do here, a program of yours can do too, with a token that you give it and can take back.
<a href="${request.route_path('api')}">The API’s description</a> says how, in words and as an OpenAPI document. All your preferences
can be saved as one file, put under version control, and read back.</p>

<h2 id="wrong">If something is wrong</h2>
<dl class="answers">
<dt>Too much arrives</dt>
<dd>Follow “Why you got this” in one of the mails: it names the filter, and mutes what you don’t want.</dd>
<dt>Nothing arrives</dt>
<dd>The <a href="${request.route_path('home')}">first page</a> says what is missing: an address that isn’t confirmed, a channel
that is off, a mail server that refuses. The <a href="${request.route_path('inbox')}">inbox</a> shows whether there was anything to send.</dd>
<dt>One message didn’t arrive</dt>
<dd>Preview your filter: if the message isn’t among those shown, no rule of it fits.</dd>
<dt>Something else</dt>
<dd>Ask whoever runs FMN for your project, and name your account.</dd>
</dl>
