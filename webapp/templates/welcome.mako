<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">${_("What should we notify you about?")}</%def>
<%def name="scripts()">
<script type="module" src="${request.static_path('webapp:static/names.js')}"></script>
% if it.browser:
<script type="module" src="${request.static_path('webapp:static/welcome.js')}"></script>
% endif
</%def>
<%!
from fmn.channels import Proof
from webapp.context_names import context_heading
from webapp.preferences.address_list import address_field_hint, address_field_label
from webapp.preferences.web_push_data import push_data
%>
<% choice, problems = it.shown.choice, it.shown.problems %>

<%def name="offer(each, hint)">
<div class="offer">
${p.tick("presets", _(each.preset.name), each.preset.key in choice.presets, each.preset.key, hint=hint, key=f"preset-{each.preset.key}")}
% if each.rate:
<span class="quiet">${each.rate}</span>
% endif
</div>
</%def>

<%def name="place(about)">
% if about.proof is Proof.ACCOUNT:
<p>${address_field_hint(about)}</p>
% else:
<% wrong = problems.get("address", "") if about.name == choice.context else "" %>
${p.field(f"address-{about.name}", address_field_label(about), it.shown.addresses.get(about.name, ""), problem=wrong, hint=address_field_hint(about),
          inputmode=about.input_type or None, autocomplete=about.input_type or "off", autocapitalize="none", spellcheck="false", autofocus=bool(wrong))}
% endif
</%def>

<%def name="channel(about, kind='option')">
<div class="${kind}">
${p.tick("context", context_heading(about.name), about.name == choice.context, about.name, kind="radio", key=f"context-{about.name}")}
<div class="more">
${place(about)}
</div>
</div>
</%def>

## Notifications in the browser that shows the page. A script shows it, where the browser can.
<%def name="browser(about)">
<% wrong = problems.get("address", "") if about.name == choice.context else "" %>
<div class="option"${push_data(request)} hidden>
${p.tick("context", _("In this browser"), about.name == choice.context, about.name, kind="radio", key=f"context-{about.name}")}
<div class="more">
<input type="hidden" name="address-${about.name}">
<p class="hint">${_("Your notifications show up on this device, also while FMN isn’t open. The browser asks you whether it may.")}</p>
% if wrong:
<p class="problem" role="alert">${wrong}</p>
% endif
<p class="quiet" role="status"></p>
</div>
</div>
</%def>

<p class="eyebrow">${_("Welcome, {nick}").format(nick=it.nick)}</p>
<h1>${_("What should we notify you about?")}</h1>

<form method="post" action="${request.route_path('welcome')}" class="welcome" data-completions="${request.route_path('completions', what='')}">
${p.token()}
${p.field("subject", _("Packages, people or groups to follow"), choice.subject, problem=problems.get("subject", ""), hint=_("For example rpms/moss, person:mary, group:infra"), autocomplete="off", autocapitalize="none", spellcheck="false", data_completes="subjects", autofocus="subject" in problems)}
% if it.offers:
<fieldset>
<legend>${_("Ready-made filters")}</legend>
% for each in it.offers:
${offer(each, _(each.preset.meaning))}
% endfor
</fieldset>
% endif
% if it.more:
<details class="setting"${" open" if any(each.preset.key in choice.presets for some in it.more.values() for each in some) else ""}>
<summary>${_("More ready-made filters") if it.offers else _("Ready-made filters")}</summary>
% for role, some in it.more.items():
<fieldset>
<legend>${role}</legend>
% for each in some:
${offer(each, "")}
% endfor
</fieldset>
% endfor
</details>
% endif
% if it.kept:
<fieldset>
<legend class="hidden">${_("Your filters")}</legend>
<p>${ngettext("You have {n} filter:", "You have {n} filters:", len(it.kept)).format(n=len(it.kept))} ${", ".join(it.kept[:5])}${"…" if len(it.kept) > 5 else ""}</p>
${p.tick("replace", _("Replace what I have"), choice.replace)}
</fieldset>
% endif
% if "" in problems:
<p class="notice" role="alert">${problems[""]}</p>
% endif

<fieldset>
<legend>${_("Where to")}</legend>
% if len(it.channels) == 1 and not it.browser:
<input type="hidden" name="context" value="${it.channels[0].name}">
${place(it.channels[0])}
% else:
${channel(it.channels[0], "option" if len(it.channels) > 1 else "option only")}
% endif
% if it.browser:
${browser(it.browser)}
% endif
% if len(it.channels) > 1:
<details class="setting"${" open" if choice.context in [each.name for each in it.channels[1:]] else ""}>
<summary>${_("Other channels")}</summary>
% for about in it.channels[1:]:
${channel(about)}
% endfor
</details>
% endif
</fieldset>
<div class="tools">
<button class="button">${_("Start notifications")}</button>
<button class="button plain" name="skip" value="true">${_("Skip for now")}</button>
</div>
</form>
