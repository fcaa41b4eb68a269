<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">What should we notify you about?</%def>
<%!
from fmn.text import capital, pluralize
from fmn.channels import Proof
from webapp.preferences.address_list import address_field_hint, address_field_label
%>

<%def name="offer(preset)">
<% offered = offers.get(preset.key) %>
<li class="preset">
% if preset.key in taken:
<p class="split"><b>${preset.name}</b> ${p.state("Added", "good")}</p>
<p>${preset.meaning}</p>
% else:
${p.tick("presets", preset.name, preset.key in shown.choice.presets, preset.key, hint=preset.meaning, key=f"preset-{preset.key}")}
% endif
% if offered is not None:
<div class="lately">
% if offered.examples:
<p class="quiet"><b>${messages_per_day(offered.preview.average).capitalize()}</b>. Recent events:</p>
<ul class="examples-of">
% for example in offered.examples:
<li>${example.summary} <span class="quiet">${when(example.sent_at)}</span></li>
% endfor
</ul>
% elif offered.preview.complete:
<p class="quiet">No matching events in the last ${pluralize(days, "day")}.</p>
% else:
<p class="quiet">The preview took too long. Reload the page to try again.</p>
% endif
</div>
% endif
</li>
</%def>

<%def name="place(about)">
% if about.proof is Proof.ACCOUNT:
<p>${address_field_hint(about)}</p>
% else:
${p.field(f"address-{about.name}", address_field_label(about), shown.addresses.get(about.name, ""), hint=address_field_hint(about),
          problem=shown.problems.get("address", "") if about.name == shown.choice.context else "",
          inputmode=about.input_type or None, autocomplete=about.input_type or "off", autocapitalize="none", spellcheck="false")}
% endif
</%def>

<p class="eyebrow">Welcome, ${user.nick}</p>
<h1>What should we notify you about?</h1>
<p class="lead">Choose a few filters to start with. We send only what you choose, and you can change everything
later.</p>
% if not maintains:
<p class="notice">You don’t maintain any packages yet. Filters about your packages start matching as soon as you do.</p>
% endif

<form method="post" action="${request.route_path('welcome')}">
${p.token()}
<fieldset>
<legend class="hidden">Filters</legend>
% if "presets" in shown.problems:
<p class="problem lone" role="alert">${shown.problems["presets"]}</p>
% endif
<ul class="rows presets">
% for preset in presets:
${offer(preset)}
% endfor
</ul>
</fieldset>
% if "" in shown.problems:
<p class="notice" role="alert">${shown.problems[""]}</p>
% endif

<h2>Where should we send notifications?</h2>
% if len(channels) == 1:
<input type="hidden" name="context" value="${channels[0].name}">
${place(channels[0])}
% else:
<fieldset>
<legend>Channel</legend>
% for about in channels:
<div class="option">
${p.tick("context", capital(about.title), about.name == shown.choice.context, about.name, kind="radio", key=f"context-{about.name}")}
<div class="more">
${place(about)}
</div>
</div>
% endfor
</fieldset>
% endif
<div class="tools">
<button class="button">Start notifications</button>
<button class="button plain" name="skip" value="true">Skip for now</button>
</div>
</form>
<p class="quiet after">Nothing fits? <a href="${request.route_path('filter_new', context=channels[0].name)}">Create your own filter</a> from
any event in the <a href="${request.route_path('catalogue')}">catalogue</a>.</p>
