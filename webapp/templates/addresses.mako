## The addresses of a context, with all that can be done about each; and the form that adds one.
<%namespace name="p" file="parts.mako"/>
<%!
from markupsafe import Markup
from fmn.channels import Proof
from fmn.delivery.apprise.about import ABOUT as APPRISE
from fmn.delivery.apprise.chat_services import service_of
from fmn.delivery.irc.about import ABOUT as IRC
from fmn.delivery.irc.settings import IrcSettings
from fmn.delivery.sse.about import ABOUT as SSE
from webapp.preferences.address_list import no_address_hint, address_field_label
from fmn.delivery.webpush.about import ABOUT as WEB_PUSH
from fmn.delivery.webpush.subscriptions import endpoint_digest
from webapp.preferences.web_push_data import push_data
from webapp.stream.stream_urls import stream_url
%>

## What the page of a channel needs besides the scripts of all pages.
<%def name="script(about)">
% if about.name == WEB_PUSH.name:
<script type="module" src="${request.static_path('webapp:static/web-push.js')}"></script>
% elif about.proof is Proof.REPLY:
<script type="module" src="${request.static_path('webapp:static/copy.js')}"></script>
% endif
</%def>

<%def name="section(it, about, lines, secrets, typed, suggested)">
<section aria-labelledby="addresses">
<%
    pushed = about.name == WEB_PUSH.name
    endpoints = {each.id: endpoint_digest(each.value) for each in it.detail_values} if pushed else {}
%>
<h2 id="addresses">${_("Connection") if about.proof is Proof.ACCOUNT else _("Browsers") if pushed else _("Addresses")}</h2>
% if about.name == IRC.name:
${irc()}
% endif
% if lines:
<ul class="rows">
% for line in lines:
${row(line, secrets[line.id], endpoints.get(line.id, ""), service_of(line.name) if about.name == APPRISE.name else None)}
% endfor
</ul>
% elif pushed:
${p.empty(_("No browser yet"), _("Enable notifications in this one, then on your phone and wherever else you want them."))}
% elif about.proof is not Proof.ACCOUNT:
${p.empty(_("No address yet"), no_address_hint(about))}
% endif
% if about.proof is Proof.ACCOUNT:
${account(it, about)}
% elif pushed:
${enabling(it, typed)}
% else:
${adding(it, about, typed, suggested)}
% endif
</section>
</%def>

## A button that copies the text of an element. Without a script there's none.
<%def name="copy(key)">
<button class="button plain small" type="button" data-copy="${key}" data-copied="${_('Copied')}" hidden>${p.icon("copy")} ${_("Copy")}</button>
</%def>

## Where FMN is on IRC.
<%def name="irc()">
<% irc = IrcSettings.of(request.services.settings) %>
<dl class="facts">
<div><dt>${_("Network")}</dt><dd><code id="irc-network">${irc.host}</code> ${copy("irc-network")}</dd></div>
<div><dt>${_("FMN’s nick")}</dt><dd><code id="irc-nick">${irc.nick}</code> ${copy("irc-nick")}</dd></div>
</dl>
</%def>

## ``endpoint`` is by what a browser knows that an entry is its own; ``service`` is a chat service that it's at.
<%def name="row(line, secret, endpoint='', service=None)">
% if endpoint:
<li data-endpoint="${endpoint}"${" data-works=true" if line.can_be_tested else ""}${" data-ended=true" if line.kind == "bad" and not line.resend_label else ""}>
% else:
<li>
% endif
<div class="split">
<b class="long">\
% if service and service.icon:
${p.icon(service.icon, title=service.title)} \
% endif
${line.name}\
% if endpoint:
<span class="quiet" data-this hidden> ${_("(this browser)")}</span>\
% endif
</b>
${p.state(line.state, line.kind)}
</div>
% if endpoint and line.since:
<p class="quiet">${fill(_("Added {when}."), when=line.since)}</p>
% else:
<p class="quiet">${line.words}</p>
% endif
% if line.confirmation_phrase:
<div class="split copied">
<pre class="code" id="phrase-${line.id}">${line.confirmation_phrase}</pre>
${copy(f"phrase-{line.id}")}
</div>
% endif
% if line.takes_code:
<form method="post" action="${request.route_path('address', address_id=line.id, action='code')}" class="oneline short">
${p.token()}
${p.field("code", _("Code for {address}").format(address=line.name), key=f"code-{line.id}", autocomplete="one-time-code", autocapitalize="characters", spellcheck="false", required=True, **{"class": "code"})}
<button class="button">${_("Confirm")}</button>
</form>
% endif
% if secret:
<details>
<summary>${_("Signing secret for {address}").format(address=line.name)}</summary>
<p>${fill(_("We sign every request with this secret; see {start}Standard Webhooks{end}. Keep it private: anyone who has it can send requests in our name."), start=link("https://www.standardwebhooks.com"))}</p>
<p><code class="saying">${secret}</code></p>
</details>
% endif
<div class="tools">
% if line.can_be_tested:
${button(line, "test", _("Send test"))}
% endif
% if line.resend_label:
${button(line, "resend", line.resend_label, "button small" if line.urgent else "button plain small")}
% endif
% if line.removable:
${button(line, "remove", _("Remove"))}
% endif
</div>
</li>
</%def>

<%def name="button(line, action, words, kind='button plain small')">
${p.act(request.route_path("address", address_id=line.id, action=action), words, kind=kind, about=line.name)}
</%def>

<%def name="adding(it, about, typed, suggested)">
% if about.name == APPRISE.name:
<p><a class="button" href="${request.route_path('services')}#chats">${_("Choose a service")}</a></p>
<details id="by-url"${" open" if typed.problems else ""}>
<summary>${_("Add by an Apprise URL")}</summary>
${typing(it, about, typed, suggested)}
</details>
% else:
${typing(it, about, typed, suggested)}
% endif
</%def>

<%def name="typing(it, about, typed, suggested)">
<form method="post" action="${request.route_path('addresses', context=it.context)}" class="oneline">
${p.token()}
${p.field("address", address_field_label(about), typed.values["address"] or suggested, problem=typed.problems.get("address", ""),
          inputmode=about.input_type or None, autocomplete=about.input_type or "off", autocapitalize="none", spellcheck="false", required=True)}
<button class="button">${_("Add")}</button>
</form>
</%def>

## Enabling notifications in the browser that shows the page, which takes a script.
<%def name="enabling(it, typed)">
<div${push_data(request)}>
<form method="post" action="${request.route_path('addresses', context=it.context)}" hidden>
${p.token()}
<input type="hidden" name="address">
<input type="hidden" name="on" value="true">
<button class="button">${_("Enable on this browser")}</button>
</form>
## The script says something else here.
<p class="quiet" role="status">${_("Enabling notifications in a browser takes JavaScript. All else here works without it.")}</p>
% if typed.problems.get("address"):
<p class="problem" role="alert">${typed.problems["address"]}</p>
% endif
</div>
</%def>

## What there is to know where the account itself is the address: no form, for there's nothing to add.
<%def name="account(it, about)">
<p>${_("Notifications by {channel} go to your account. You don’t need to add an address.").format(channel=_(about.title))}</p>
% if about.name == SSE.name:
<% url = stream_url(request.services.settings, it.user.nick) %>
<p>${fill(_("Your notifications are available as Server-Sent Events at {url}. Pages in this browser can connect because you’re signed in. Programs need {start}a token that reads{end}:"), url=Markup('<code class="long">{}</code>').format(url), start=link(request.route_path("tokens")))}</p>
<pre class="code"><code>curl -N -H "Authorization: Bearer fmn_…" ${url}</code></pre>
% endif
</%def>
