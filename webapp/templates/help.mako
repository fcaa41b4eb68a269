<%inherit file="layout.mako"/>
<%def name="title()">${_("How FMN works")}</%def>
<%!
from fmn.channels import Proof, channel_type
%>
<% proofs = {channel_type(each).proof for each in request.contexts} %>

<h1>${_("How FMN works")}</h1>
<p class="lead">${_("The project’s services publish messages about what happens on a message bus. FMN checks each message against everybody’s filters and notifies the people whose filters match.")}</p>

<nav aria-label="${_('On this page')}">
<ul class="contents">
% for place, words in (("filters", _("Filters")), ("channels", _("Channels and addresses")), ("often", _("Schedule")), ("inbox", _("Inbox")), ("less", _("Getting fewer notifications")), ("writing", _("Writing a filter as text")), ("api", _("API")), ("wrong", _("Troubleshooting"))):
<li><a href="#${place}">${words}</a></li>
% endfor
</ul>
</nav>

<h2 id="filters">${_("Filters")}</h2>
<p>${_("A filter is a list of rules. Each rule checks one thing about a message: whether it’s about a package you maintain, whether a build failed, whether you caused it. A filter matches if its rules match, all of them or any of them as you choose, and you get a notification.")}</p>
<ul>
<li><b>${_("Rules can be inverted.")}</b> ${_("An exception such as “caused by me” leaves out what you did yourself.")}</li>
<li><b>${_("The first matching filter wins.")}</b> ${_("FMN checks your filters in order. You get one notification for a message, even if several filters match.")}</li>
<li><b>${_("The preview shows what matches.")}</b> ${_("While you edit a filter, you see which recent messages match and how many that is per day.")}</li>
<li><b>${_("Mistakes are reported early.")}</b> ${_("You can’t save a filter that matches everything, or one that can never match.")}</li>
<li><b>${_("Delayed failures.")}</b> ${_("A filter can delay failures by some minutes. If the build, test or host recovers within that time, you get no notification.")}</li>
<li><b>${_("Only once, or later.")}</b> ${_("A filter can switch itself off after one match (“tell me when this build is done”), or be snoozed until a day you choose.")}</li>
<li><b>${_("Your groups have filters, too.")}</b> ${fill(_("You get what a group’s filters match as long as you are a member, unless you opt out under {link}Groups{end}."), link=link(request.route_path("groups")))}</li>
</ul>
<p>${_("To follow one package, person, group or application, open its page and choose “Watch”. You can share filters by a link.")}</p>
<p>${fill(_("The {link}event catalogue{end} lists everything a filter can match, with an example of each event type."), link=link(request.route_path("catalogue")))}
% if request.identity:
${fill(_("To start quickly, {watch}watch a package, person, group or application{end}, or choose some {presets}ready-made filters{end}."), watch=link(request.route_path("watch")), presets=link(request.route_path("welcome")))}
% else:
${fill(_("To start quickly, {link}sign in{end} and choose some ready-made filters."), link=link(request.route_path("sign_in", _query={"to": request.route_path("welcome")})))}
% endif
</p>

<h2 id="channels">${_("Channels and addresses")}</h2>
<p>${_("Each channel has its own filters, schedule and format. You can copy a filter to another channel. A channel that is off sends nothing and keeps its filters.")}</p>
<p>${_("We send nothing to an address before you confirm it. We’ll send you one mail with a link: open the link and confirm.")}
% if Proof.CODE in proofs:
${_("On channels without links we send a code, which you type on the channel’s page.")}
% endif
% if Proof.REPLY in proofs:
${_("On IRC, send the message that the IRC page shows from your IRC nick.")}
% endif
${_("Links and codes work for some days, and you can get new ones.")}</p>
% if Proof.REPLY in proofs:
<p>${_("On IRC you can send commands to FMN. Say “help” for a list: show your filters, explain the last notification, mute a package for a while.")}</p>
% endif

<h2 id="often">${_("Schedule")}</h2>
<dl class="answers">
<dt>${_("Immediately")}</dt>
<dd>${_("One notification for each event, within seconds.")}</dd>
<dt>${_("In a digest")}</dt>
<dd>${_("Several notifications together: for example after 20 notifications or 4 hours, whichever comes first.")}</dd>
<dt>${_("At set times")}</dt>
<dd>${_("One digest at each time you choose: for example at 08:00 on weekdays, in your time zone.")}</dd>
<dt>${_("Quiet hours")}</dt>
<dd>${_("No notifications between two times, for example from 22:00 to 07:00. Afterwards you get everything in one digest. You can let urgent ones through, such as failed builds.")}</dd>
<dt>${_("Pause")}</dt>
<dd>${_("“Pause all” on your home page holds everything back, for an hour or up to 90 days. Afterwards digests tell what came.")}</dd>
</dl>
<p>${_("If a great deal happens at once, as in a mass rebuild, you get the first few notifications one by one. The others come in digests until it calms down. The first of these digests says so.")}</p>
<p>${_("Digests group related events: who pushed to one package and 487 others.")}</p>

<h2 id="inbox">${_("Inbox")}</h2>
<p>${fill(_("The {link}inbox{end} lists every notification of all your channels: when and where it was sent, which filter matched, and why it failed if it did. You can search it, read it in a feed reader, or keep it open: new notifications appear by themselves."), link=link(request.route_path("inbox")))}
${ngettext("It goes back {days} day.", "It goes back {days} days.", days).format(days=days)}</p>
<p>${fill(_("Mark notifications as done, snooze or mute them, one by one or all that a search finds; you can undo each of these. Press {key} for the keys. Searches such as {search} can be saved and shared."), key=literal("?"), search=literal("package:moss severity:error is:unread"))}</p>

<h2 id="less">${_("Getting fewer notifications")}</h2>
<p>${_("Every notification has two links that work without signing in:")}</p>
<ul>
<li>${fill(_("{why} shows the full message and the rules that matched. On that page you can mute the event type, the package or the thread, for a week or forever. A mute applies to all your filters and channels until you remove it."), why=bold(_("Why you got this")))}</li>
<li>${fill(_("{stop} switches the filter off. Many mail programs show a button for it."), stop=bold(_("Stop this filter")))}</li>
</ul>

<h2 id="writing">${_("Writing a filter as text")}</h2>
<p>${fill(_("As text, a filter can do everything the form can, and more. Combine rules with {and_}, {or_}, {not_} and parentheses:"), and_=literal("and"), or_=literal("or"), not_=literal("not"))}</p>
<dl class="examples">
% for text, meaning in examples.items():
<dt>${literal(text)}</dt>
<dd>${_(meaning)}</dd>
% endfor
</dl>
<ul>
<li>${fill(_("{me} is your account. You can use any account name instead."), me=literal("@me"))}</li>
<li>${fill(_("Separate several values by commas, in quotation marks: {example} matches either package."), example=literal('package_filter("php, moss")'))}</li>
<li>${fill(_("Put values with spaces or punctuation in quotation marks. Inside them, write {quote} for a quotation mark and {backslash} for a backslash."), quote=literal('\\"'), backslash=literal("\\\\"))}</li>
<li>${fill(_("Regular expressions use RE2 syntax. They match anywhere in the text unless they start with {caret}."), caret=literal("^"))}</li>
<li>${fill(_("{and_}, {or_} and {not_} may also be written {others}. Applications may be called by their names, such as {koji}."), and_=literal("and"), or_=literal("or"), not_=literal("not"), others=literal("AND && OR || NOT !"), koji=literal("application(koji)"))}</li>
</ul>
<h3>${_("Rules for any message")}</h3>
<p>${fill(_("Each event type in the {link}catalogue{end} is also a rule, with the event type’s name."), link=link(request.route_path("catalogue")))}</p>
<dl class="examples">
% for rule in rules:
<dt>${literal(f'{rule.name}({", ".join(argument.name for argument in rule.arguments)})')}</dt>
<dd${english()}>${rule.help}</dd>
% endfor
</dl>

<h2 id="api">${_("API")}</h2>
<p>${fill(_("Programs can do everything you can do here, with a token you create and can revoke. See the {link}API reference{end}, which is also available as an OpenAPI document. You can also export all your preferences as one file, keep it under version control, and import it again."), link=link(request.route_path("api")))}</p>

<h2 id="wrong">${_("Troubleshooting")}</h2>
<dl class="answers">
<dt>${_("You get too many notifications")}</dt>
<dd>${_("Follow “Why you got this” in one of the mails. The page names the filter, and you can mute there.")}</dd>
<dt>${_("You get no notifications")}</dt>
<dd>${fill(_("Your {home}home page{end} lists what to fix: an unconfirmed address, a channel that is off, a mail server that rejects our mail. The {inbox}inbox{end} shows whether there was anything to send."), home=link(request.route_path("home")), inbox=link(request.route_path("inbox")))}</dd>
<dt>${_("You missed one notification")}</dt>
<dd>${fill(_("Ask {link}Why didn’t I get this?{end} with the message’s id or a link to it. The page shows the first rule of each filter that said no, and anything else that kept the message from you."), link=link(request.route_path("why_not")))}</dd>
<dt>${_("Something else")}</dt>
<dd>${_("Contact your FMN administrator. Include your account name.")}</dd>
</dl>
