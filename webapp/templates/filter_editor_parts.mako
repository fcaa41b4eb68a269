## Parts of the filter editor that its scripts replace while one edits.
<%namespace name="p" file="parts.mako"/>
<%namespace name="c" file="charts.mako"/>
<%namespace name="v" file="verdict_parts.mako"/>
<%!
from fmn.matching.lint_findings import LintSeverity
from fmn.filters.generic_rules import GENERIC_APPLICATION
from webapp.filters.rule_groups import MAX_LEVELS, GroupKind
from webapp.icons import SEVERITIES, SEVERITY_WORDS, application_icon
%>

## All rows and groups. The select says how many of them have to be so.
<%def name="root(it, focus)">
<div class="match">
<label for="match">${_("Notify me when")}</label>
<select class="short" id="match" name="match">
% for kind, words in ((GroupKind.ALL, _("all of these match")), (GroupKind.ANY, _("any of these matches")), (GroupKind.NONE, _("none of these matches")), (GroupKind.NOT_ALL, _("not all of these match"))):
<option value="${kind}"${" selected" if kind == it.kind else ""}>${words}</option>
% endfor
</select>
</div>
${inside(it, focus, list(it.groups))}
</%def>

## The rows and groups in a group, and its buttons. ``groups`` are those that a row can be in.
<%def name="inside(it, focus, groups)">
% if it.parts:
<ul class="rows asked">
% for each in it.parts:
% if hasattr(each, "parts"):
${group(each, focus, groups)}
% else:
${row(each, focus, groups)}
% endif
% endfor
</ul>
% endif
% if it.exceptions:
<% opened = not it.folded or focus in [f"row-{each.number}" for each in it.exceptions] %>
<details class="exceptions" id="exceptions-${it.name}"${" open" if opened else ""}>
<summary>${ngettext("But not if this rule matches", "But not if one of these {number} rules matches", len(it.exceptions)).format(number=len(it.exceptions))}
% if it.excepted_applications:
<span${english()} class="quiet">${", ".join(it.excepted_applications[:4])}${" …" if len(it.excepted_applications) > 4 else ""}</span>
% endif
</summary>
<ul class="rows asked compact">
% for each in it.exceptions:
${row(each, focus, groups, exception=True)}
% endfor
</ul>
</details>
% endif
<% place = "" if it.number is None else it.number %>
<div class="tools adders">
<button class="button plain small" name="do" value="into:${place}">${p.icon("plus")}${_("Rule")}<span class="hidden"> ${group_name(it)}</span></button>
% if it.kind is GroupKind.ALL:
<button class="button plain small" name="do" value="into:${place}-not">${p.icon("minus")}${_("Exception")}<span class="hidden"> ${group_name(it)}</span></button>
% endif
% if it.level < MAX_LEVELS:
<button class="button plain small" name="do" value="group:${place}">${p.icon("layers")}${_("Group")}<span class="hidden"> ${group_name(it)}</span></button>
% endif
</div>
</%def>

<%def name="group_name(it)">${_("Whole filter") if it.number is None else _("Group {number}").format(number=it.name)}</%def>

## A group in another one.
<%def name="group(it, focus, groups)">
<li class="group">
<div role="group" aria-labelledby="group-name-${it.number}">
<div class="rule-head">
<span class="quiet" id="group-name-${it.number}">${group_name(it)}</span>
<label class="hidden" for="group-${it.number}">${_("Kind")}</label>
<select class="short" id="group-${it.number}" name="group-${it.number}">
% for kind, words in ((GroupKind.ANY, _("any of")), (GroupKind.ALL, _("all of")), (GroupKind.NONE, _("none of")), (GroupKind.NOT_ALL, _("not all of"))):
<option value="${kind}"${" selected" if kind == it.kind else ""}>${words}</option>
% endfor
</select>
<input type="hidden" name="under-${it.number}" value="${'' if it.parent is None else it.parent}">
<span class="rule-tools">
<button class="button icon-only" name="do" value="remove:${it.number}">${p.icon("x")}<span class="hidden">${_("Remove")} ${group_name(it)}</span></button>
</span>
</div>
% if not it.parts and not it.exceptions:
<p class="hint">${_("No rules in this group yet.")}</p>
% endif
${inside(it, focus, groups)}
</div>
</li>
</%def>

## A rule of the filter: whether it has to match, its arguments, and the group that it's in.
<%def name="row(it, focus, groups, exception=False)">
<%
    here = focus == f"row-{it.number}"
    hint = "hidden" if exception else "hint"
%>
<li class="rule-row">
<div role="group" aria-labelledby="title-${it.number}">
<input type="hidden" name="rule-${it.number}" value="${it.row.rule}">
<div class="rule-head">
${p.icon(application_icon(it.category) if it.application else "list-filter")}
<span class="rule-title"><b${english()} id="title-${it.number}">${it.title}</b>
% if it.application:
<span${english()} class="quiet">${it.application}</span>
% endif
</span>
<span class="rule-tools">
% if exception:
<input type="hidden" name="holds-${it.number}" value="no">
<input type="hidden" name="excepted-${it.number}" value="true">
<button class="button link small" name="do" value="require:${it.number}">${_("Require")}<span${english()} class="hidden"> ${it.title}</span></button>
% else:
<label class="hidden" for="holds-${it.number}">${_("Condition")}</label>
<select class="short" id="holds-${it.number}" name="holds-${it.number}"${" autofocus" if here and not it.fields else ""}>
<option value="yes"${" selected" if it.row.wanted else ""}>${_("Matches")}</option>
<option value="no"${"" if it.row.wanted else " selected"}>${_("Doesn’t match")}</option>
</select>
% endif
% if len(groups) > 1 and not exception:
<label class="hidden" for="under-${it.number}">${_("Group")}</label>
<select class="short" id="under-${it.number}" name="under-${it.number}">
% for each in groups:
<option value="${'' if each.number is None else each.number}"${" selected" if each.number == it.parent else ""}>${group_name(each)}</option>
% endfor
</select>
% else:
<input type="hidden" name="under-${it.number}" value="${'' if it.parent is None else it.parent}">
% endif
<button class="button icon-only" id="remove-${it.number}" name="do" value="remove:${it.number}"${" autofocus" if here and exception and not it.fields else ""}>${p.icon("x")}<span class="hidden">${_("Remove")} <span${english()}>${it.title}</span></span></button>
</span>
</div>
% if it.help and not exception:
<p${english()} class="hint">${it.help}</p>
% endif
% for field in it.fields:
% if field.radios:
${radios(field, here and loop.first)}
% else:
${p.field(field.key, field.label, field.value, hint=field.hint, problem=field.problem, autocomplete="off", autocapitalize="none", spellcheck="false", data_completes=field.completes or None, data_lists=field.lists or None, list=f"{field.key}-choices" if field.choices else None, autofocus=here and loop.first, words_of_catalogue=True)}
% if field.choices:
<datalist id="${field.key}-choices">
% for choice in field.choices:
<option${english()} value="${choice}"></option>
% endfor
</datalist>
% endif
% endif
% endfor
% if it.problem:
<p class="problem">${it.problem}</p>
% endif
</div>
</li>
</%def>

## A field that is one of few values. Severities have their icon in their colour.
<%def name="radios(field, focused)">
<div class="${'field wrong' if field.problem else 'field'}" role="radiogroup" aria-labelledby="${field.key}-label">
<span${english()} class="label" id="${field.key}-label">${field.label}</span>
<div class="radios">
% for choice in field.choices:
<% chosen = choice == field.value %>
<label><input type="radio" id="${field.key}-${loop.index}" name="${field.key}" value="${choice}"${" checked" if chosen else ""}${" autofocus" if focused and (chosen or (not field.value and loop.first)) else ""}> \
% if choice in SEVERITIES:
<span class="severity ${choice}">${p.icon(SEVERITIES[choice])}</span> ${_(SEVERITY_WORDS[choice])}\
% else:
<span${english()}>${choice}</span>\
% endif
</label>
% endfor
</div>
% if field.problem:
<p class="problem">${field.problem}</p>
% endif
</div>
</%def>

## Where the next rule is added.
<%def name="place_choice(root, place)">
<label for="into">${_("Add to")}</label>
<select id="into" name="into">
% for each in root.groups:
<% value = "" if each.number is None else str(each.number) %>
<option value="${value}"${" selected" if str(place) == value else ""}>${group_name(each)}</option>
% if each.kind is GroupKind.ALL:
<option value="${value}-not"${" selected" if str(place) == f"{value}-not" else ""}>${_("{group}: exceptions").format(group=capture(group_name, each))}</option>
% endif
% endfor
</select>
</%def>

## What is wrong with the text, and where.
<%def name="text_problem(review)">\
% if review.unreadable:
${review.unreadable}\
% if review.excerpt:
<code class="excerpt">${review.excerpt.before}<mark>${review.excerpt.wrong or "…"}</mark>${review.excerpt.after}</code>\
% endif
% endif
</%def>

## What can be chosen, or found.
<%def name="offers(choice)">
% if choice.partial:
<p class="quiet">${_("No rule has all of these words. These have some of them:")}</p>
% endif
% for group in choice.shown:
% if group.key == GENERIC_APPLICATION:
<h3>${_(group.title)}</h3>
% else:
<h3${english()}>${group.title}</h3>
% endif
<ul class="rows">
% for offer in group.offers:
<li>
<div class="split"><b${english()}>${offer.title}</b>
<button class="button plain small" name="do" value="add:${offer.name}">${_("Add")}<span${english()} class="hidden"> ${offer.title}</span></button></div>
<p class="hint"><span${english()}>${offer.help}</span>
% if offer.example:
${_("For example:")} <q${english()}>${offer.example}</q>
% endif
</p>
</li>
% endfor
</ul>
% endfor
% if choice.left_out:
<p class="quiet">${ngettext("{number} more rule found. Add a word to narrow the list.", "{number} more rules found. Add a word to narrow the list.", choice.left_out).format(number=choice.left_out)}</p>
% elif not choice.shown:
${p.empty(_("No rules match “{search}”").format(search=choice.search), _("Try fewer words, or use the rules for any message: topic, package, person or text."))}
% endif
</%def>

## What's wrong with a draft, and what to know about it.
<%def name="findings(review)">
<% refused = [each for each in review.findings if each.severity is LintSeverity.REFUSE] %>
% if refused:
<div class="finding refused"><p><b>${_("Fix this before saving")}</b></p>
% for each in refused:
<p>${each.sentence}</p>
% endfor
</div>
% endif
% for each in review.findings:
% if each.severity is LintSeverity.WARN:
<p class="finding">${each.sentence}</p>
% endif
% endfor
</%def>

## The preview in a sentence.
<%def name="words(draft, review, reviewed)">\
% if review.panel:
${review.panel.words}\
% elif review.problem:
${review.problem}\
% elif draft.empty:
${_("Add a rule to see which recent messages match.")}\
% elif review.refused:
${_("Complete the rule to see a preview.")}\
% elif not reviewed:
${_("Press “Preview” to see which recent messages match.")}\
% endif
</%def>

## The preview itself. ``explained`` is one of its messages, which is shown with its verdict.
<%def name="panel(review, explained=None)">
% if review.panel:
${c.bars(review.panel.days, review.panel.words)}
% if review.panel.severities:
${p.severity_legend(review.panel.severities)}
% endif
% if review.panel.truncated:
<p class="finding">${review.panel.truncated}</p>
% endif
% if review.panel.newest:
<ul class="rows messages">
% for previewed in review.panel.newest:
<% open = bool(explained and explained.previewed and explained.previewed.msg_id == previewed.msg_id) %>
<li>
${message(previewed)}
<button class="button link" name="do" value="${'look' if open else f'why:{previewed.msg_id}'}" aria-expanded="${'true' if open else 'false'}">${_("Why it matches")}<span class="hidden"> – ${previewed.described.summary}</span></button>
% if open:
<div class="reasons">${v.reasons(explained.reasons)}</div>
% endif
</li>
% endfor
</ul>
% endif
% endif
</%def>

<%def name="message(previewed)">
<p${english()}>${previewed.described.summary}</p>
<p class="quiet"><span${english()}>${previewed.described.application}</span>, ${previewed.when}\
% if previewed.described.link:
 · <a href="${previewed.described.link}" rel="noreferrer">${_("Open on {host}").format(host=previewed.described.host)}</a>\
% endif
</p>
</%def>

## Whether one message gets through.
<%def name="tried(review)">
% if review.tried and review.tried.previewed is None:
<p class="problem">${_("No message with this id is stored. Check the id: older messages are deleted.")}</p>
% elif review.tried:
<p><b>${_("This message matches.") if review.tried.reasons.holds else _("This message doesn’t match.")}</b></p>
${message(review.tried.previewed)}
${v.reasons(review.tried.reasons)}
% endif
</%def>
