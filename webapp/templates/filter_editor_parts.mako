## Parts of the filter editor that its scripts replace while one edits.
<%namespace name="p" file="parts.mako"/>
<%namespace name="v" file="verdict_parts.mako"/>
<%!
from fmn.text import pluralize
from fmn.matching.lint_findings import LintSeverity
%>

## A rule of the filter: only if it's so, or not if it's so, and its arguments.
<%def name="row(it, focus)">
<% here = focus == f"row-{it.number}" %>
<li>
<div role="group" aria-labelledby="title-${it.number}">
<input type="hidden" name="rule-${it.number}" value="${it.row.rule}">
<div class="split">
<div class="asks">
<label class="hidden" for="holds-${it.number}">Condition</label>
<select class="short" id="holds-${it.number}" name="holds-${it.number}"${" autofocus" if here and not it.fields else ""}>
<option value="yes"${" selected" if it.row.wanted else ""}>Only if</option>
<option value="no"${"" if it.row.wanted else " selected"}>Not if</option>
</select>
<b id="title-${it.number}">${it.title}</b>
</div>
<button class="button plain small" name="do" value="remove:${it.number}">Remove<span class="hidden"> ${it.title}</span></button>
</div>
% if it.help:
<p class="hint">${it.help}</p>
% endif
% for field in it.fields:
${p.field(field.key, field.label, field.value, hint=field.hint, problem=field.problem, autocomplete="off", autocapitalize="none", spellcheck="false", data_completes=field.completes or None, autofocus=here and loop.first)}
% endfor
% if it.problem:
<p class="problem">${it.problem}</p>
% endif
</div>
</li>
</%def>

## What can be chosen, or found.
<%def name="offers(choice)">
% for group in choice.shown:
<h3>${group.title}</h3>
<ul class="rows">
% for offer in group.offers:
<li>
<div class="split"><b>${offer.title}</b>
<button class="button plain small" name="do" value="add:${offer.name}">Add<span class="hidden"> ${offer.title}</span></button></div>
<p class="hint">${offer.help}
% if offer.example:
For example: <q>${offer.example}</q>
% endif
</p>
</li>
% endfor
</ul>
% endfor
% if choice.left_out:
<p class="quiet">${pluralize(choice.left_out, "more rule", "more rules")} found. Add a word to narrow the list.</p>
% elif not choice.shown:
${p.empty(f"No rules match “{choice.search}”", "Try fewer words, or use the rules for any message: topic, package, person or text.")}
% endif
</%def>

## What's wrong with a draft, and what to know about it.
<%def name="findings(review)">
<% refused = [each for each in review.findings if each.severity is LintSeverity.REFUSE] %>
% if refused:
<div class="finding refused"><p><b>Fix this before saving</b></p>
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
Add a rule to see which recent messages match.\
% elif review.refused:
Complete the rule to see a preview.\
% elif not reviewed:
Press “Preview” to see which recent messages match.\
% endif
</%def>

## The preview itself. ``explained`` is one of its messages, which is shown with its verdict.
<%def name="panel(review, explained=None)">
% if review.panel:
${p.bars(review.panel.days, review.panel.words)}
<p class="ends quiet"><span>${f"{review.panel.days[0].date.day} {review.panel.days[0].date:%B}"}</span><span>${_("today")}</span></p>
% if review.panel.severities:
${p.severity_legend(review.panel.severities)}
% endif
% if review.panel.truncated:
<p class="finding">${review.panel.truncated}</p>
% endif
<ul class="rows messages">
% for previewed in review.panel.newest:
<% open = bool(explained and explained.previewed and explained.previewed.msg_id == previewed.msg_id) %>
<li>
${message(previewed)}
<button class="button link" name="do" value="${'look' if open else f'why:{previewed.msg_id}'}" aria-expanded="${'true' if open else 'false'}">Why it matches<span class="hidden"> – ${previewed.described.summary}</span></button>
% if open:
<div class="reasons">${v.reasons(explained.reasons)}</div>
% endif
</li>
% endfor
</ul>
% endif
</%def>

<%def name="message(previewed)">
<p>${previewed.described.summary}</p>
<p class="quiet">${previewed.described.application}, ${previewed.when}\
% if previewed.described.link:
 · <a href="${previewed.described.link}" rel="noreferrer">Open on ${previewed.described.host}</a>\
% endif
</p>
</%def>

## Whether one message gets through.
<%def name="tried(review)">
% if review.tried and review.tried.previewed is None:
<p class="problem">No message with this id is stored. Check the id: older messages are deleted.</p>
% elif review.tried:
<p><b>${"This message matches." if review.tried.reasons.holds else "This message doesn’t match."}</b></p>
${message(review.tried.previewed)}
${v.reasons(review.tried.reasons)}
% endif
</%def>
