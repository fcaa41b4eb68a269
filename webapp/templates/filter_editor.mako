<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%namespace name="e" file="filter_editor_parts.mako"/>
<%!
from markupsafe import Markup
from fmn.filters.generic_rules import GENERIC_APPLICATION

def code(text):
    return Markup("<code>{}</code>").format(text)
%>
<%def name="title()">${_("Filter “{name}”").format(name=target.chosen.name) if target.chosen else _("New filter")}</%def>
<%def name="width()">wide</%def>
<%def name="scripts()"><script type="module" src="${request.static_path('webapp:static/editor.js')}"></script></%def>

<p class="eyebrow"><a href="${paths.back}">${_("Filters of the group {group}").format(group=target.group) if target.group else _("Your notifications by {channel}").format(channel=by)}</a></p>
<h1>${self.title()}</h1>

<div id="notice">
% if shown.leaving:
<section class="notice" role="alert">
<p>${_("You have unsaved changes.")}</p>
<p><a href="${paths.back}" data-discards>${_("Discard my changes")}</a></p>
</section>
% elif shown.there is not None:
<section class="notice" role="alert">
<p>${shown.notice}</p>
<p>${fill(_("The saved filter is now {name}:"), name=Markup("<b>{}</b>").format(shown.there.name))}</p>
<p>${there}</p>
<p><a href="${paths.saved}" data-discards>${_("Discard my changes")}</a></p>
</section>
% elif shown.notice:
<p class="notice" role="alert">${shown.notice}</p>
% elif target.chosen and target.chosen.stop_reason:
<div class="notice"><p>${_("This filter was switched off:")}</p><p>${target.chosen.stop_reason}</p></div>
% endif
% if asleep:
<p class="notice">${_("This filter is snoozed until {moment}. To end the snooze now, switch it on below.").format(moment=asleep)}</p>
% endif
</div>
% if target.group:
% if not shown.confirming:
<p class="notice">${ngettext("{n} member gets notifications by this filter, unless they opt out. The preview shows what you would get.", "{n} members get notifications by this filter, unless they opt out. The preview shows what you would get.", target.members).format(n=target.members)}</p>
% endif
% elif not target.preference.enabled:
<p class="notice">${_("This filter won’t send anything:")}
<a href="${paths.back}">${_("{channel} is switched off").format(channel=by)}</a>.</p>
% endif

<%
    options_open = bool(draft.oneshot or draft.delay or draft.note or {"hold_minutes", "owner_note"} & shown.problems.keys())
%>
<form id="editor" method="post" novalidate
 action="${paths.post}"
 data-loading="${_('Loading preview …')}" data-away="${_('The preview isn’t available right now. Your changes are kept, and you can still save.')}"
 data-remove="${_('Remove')}"${' data-changed=true' if changed else ''} data-preview="${request.route_path('preview')}" data-completions="${request.route_path('completions', what='')}">
${p.token()}
<input type="hidden" name="context" value="${target.context}">
% if target.group:
<input type="hidden" name="group" value="${target.group}">
% endif
% if target.chosen:
<input type="hidden" name="filter_id" value="${target.filter_id}">
% endif
## What the Enter key presses, wherever one types: it looks, and changes nothing.
<button class="hidden" name="do" value="look" tabindex="-1" aria-hidden="true">${_("Preview")}</button>
<div class="two">
<div>
<div id="draft" class="draft">
% if draft.version is not None:
<input type="hidden" name="version" value="${draft.version}">
% endif
% if target.group and shown.confirming:
<input type="hidden" name="confirmed" value="true">
% endif
<input type="hidden" name="was_enabled" value="${str(draft.was_enabled).lower()}">
<input type="hidden" name="was_oneshot" value="${str(draft.was_oneshot).lower()}">
<input type="hidden" name="was_delay" value="${draft.was_delay}">
<input type="hidden" name="began" value="${began}">
${p.field("name", _("Name"), draft.name, hint=_("If you leave this empty, we name the filter after its rules."), problem=shown.problems.get("name", ""), autocomplete="off", autofocus="name" in shown.problems)}

% if draft.text is None:
<input type="hidden" name="shape" value="rows">
<div class="split"><h2>${_("Rules")}</h2>
<button class="button plain small" name="do" value="text">${_("Edit as text")}</button></div>
% if draft.root.parts:
${e.root(root, shown.focus)}
% else:
<input type="hidden" name="match" value="${root.kind}">
${p.empty(_("No rules yet"), _("Add the rules that a message must match."))}
% endif
% else:
<input type="hidden" name="shape" value="text">
<div class="split"><h2>${_("Rules as text")}</h2>
<button class="button plain small" name="do" value="rows">${_("Edit as rows")}</button></div>
<div class="${'field wrong' if review.unreadable else 'field'}">
<label for="text">${_("Expression")}</label>
<p class="hint" id="text-hint">${fill(_("Combine rules with {and_}, {or_}, {not_} and parentheses, for example {example}"), and_=code("and"), or_=code("or"), not_=code("not"), example=code("maintains(@me) and not (koji_tag or koji_untag)"))}</p>
<textarea class="expression" id="text" name="text" rows="6" spellcheck="false" autocapitalize="none" autocomplete="off" aria-describedby="text-hint text-problem"${" aria-invalid=true" if review.unreadable else ""}${" autofocus" if shown.focus == "text" else ""}>
${draft.text}</textarea>
<div class="problem" id="text-problem" role="status">${e.text_problem(review)}</div>
</div>
% endif
</div>

<div id="findings" aria-live="polite">${e.findings(review)}</div>

<details id="choice" class="choice"${" open" if open else ""}>
<summary>${p.icon("plus")} ${_("Add a rule")}</summary>
<div class="find">
${p.field("search", _("Find a rule"), choice.search, kind="search", hint=_("For example: build failed"), autocomplete="off", autofocus=shown.focus == "search")}
<div class="field">
<label for="application">${_("Application")}</label>
<select id="application" name="application">
<option value="">${_("All applications")}</option>
% for group in groups:
<option${"" if group.key == GENERIC_APPLICATION else english()} value="${group.key}"${" selected" if group.key == choice.application else ""}>${_(group.title) if group.key == GENERIC_APPLICATION else group.title}</option>
% endfor
</select>
</div>
<div class="field" id="place">
% if draft.text is None:
${e.place_choice(root, place)}
% endif
</div>
<button class="button plain" name="do" value="search" data-plain>${_("Search")}</button>
</div>
<div id="offers" class="offers">${e.offers(choice)}</div>
</details>

<details id="options" class="choice"${" open" if options_open else ""}>
<summary>${_("Options")}</summary>
% if not target.group:
<p class="hint">${fill(_("Not at night, or all at once in the morning? {start}Quiet hours and the schedule{end} apply to all filters of a channel."), start=link(f"{paths.back}#quiet"))}</p>
<fieldset class="ticks">
<legend class="hidden">${_("Status")}</legend>
${p.tick("oneshot", _("Only once"), draft.oneshot, hint=_("The filter switches itself off after one match."))}
</fieldset>
% endif
${p.field("delay", _("Delay failures by (minutes)"), draft.delay, hint=_("If the failure recovers within this time, we send nothing. Leave empty for no delay."), problem=shown.problems.get("hold_minutes", ""), inputmode="numeric", autocomplete="off", autofocus="hold_minutes" in shown.problems, **{"class": "short"})}
% if not target.group:
${p.field("note", _("Note to yourself"), draft.note, hint=_("Why you have this filter, for example. Only you see it."), problem=shown.problems.get("owner_note", ""), autocomplete="off", autofocus="owner_note" in shown.problems)}
% endif
</details>

<div class="savebar">
<div class="tools">
<button class="button" name="do" value="save">\
% if shown.there is not None:
${_("Overwrite")}\
% elif shown.confirming:
${ngettext("Save for {n} member", "Save for {n} members", target.members).format(n=target.members)}\
% else:
${_("Save")}\
% endif
</button>
<button class="button plain" name="do" value="look" data-plain>${_("Preview")}</button>
<button class="button plain" name="do" value="cancel">${_("Cancel")}</button>
</div>
${p.tick("enabled", _("Switched on"), draft.enabled)}
</div>
</div>

<section class="sticky preview" aria-labelledby="preview-title">
<h2 id="preview-title">${_("Preview")}</h2>
<p id="words" role="status">${e.words(draft, review, shown.review is not None)}</p>
<div id="panel">${e.panel(review, shown.explained)}</div>
<h2>${_("Test with a message")}</h2>
<div class="find">
${p.field("message", _("Message id"), tried, hint=_("Paste an id, or choose one of the latest messages."), autocomplete="off", list="latest")}
<button class="button plain" name="do" value="look" data-plain>${_("Test")}</button>
</div>
<datalist id="latest">
% for previewed in latest:
<option${english()} value="${previewed.msg_id}">${previewed.described.summary} (${previewed.described.application}, ${previewed.when})</option>
% endfor
</datalist>
<div id="tried" aria-live="polite">${e.tried(review)}</div>
</section>
</div>
</form>
