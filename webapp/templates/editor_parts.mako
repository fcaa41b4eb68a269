## Parts of the filter editor that its scripts replace while one edits.
<%namespace name="p" file="parts.mako"/>
<%namespace name="v" file="verdicts.mako"/>
<%!
from fmn.text import counted
from fmn.matching.lint_findings import Gravity
%>

## A rule of the filter: only if it's so, or not if it's so, and its arguments.
<%def name="row(it, focus)">
<% here = focus == f"row-{it.number}" %>
<li>
<div role="group" aria-labelledby="title-${it.number}">
<input type="hidden" name="rule-${it.number}" value="${it.row.rule}">
<div class="split">
<div class="asks">
<label class="hidden" for="holds-${it.number}">How it counts</label>
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
<p class="quiet">And ${counted(choice.left_out, "more rule", "more rules")}: another word leaves fewer.</p>
% elif not choice.shown:
${p.empty(f"No rule has “{choice.search}” in it", "The rules for any message ask for topics, packages, people and texts, whatever application they come from.")}
% endif
</%def>

## What's wrong with a draft, and what to know about it.
<%def name="findings(look)">
<% refused = [each for each in look.findings if each.severity is Gravity.REFUSE] %>
% if refused:
<div class="finding refused"><p><b>It can’t be saved like this</b></p>
% for each in refused:
<p>${each.sentence}</p>
% endfor
</div>
% endif
% for each in look.findings:
% if each.severity is Gravity.WARN:
<p class="finding">${each.sentence}</p>
% endif
% endfor
</%def>

## The preview in a sentence.
<%def name="words(draft, look, looked)">\
% if look.panel:
${look.panel.words}\
% elif look.problem:
${look.problem}\
% elif draft.empty:
Add a rule, and see here what would have got through lately.\
% elif look.refused:
No preview yet: it can’t be asked like this.\
% elif not looked:
Press “Preview” to see what would have got through lately.\
% endif
</%def>

## The preview itself. ``explained`` is one of its messages, which is shown with its verdict.
<%def name="panel(look, explained=None)">
% if look.panel:
${p.bars(look.panel.days, look.panel.words)}
% if look.panel.cut:
<p class="finding">${look.panel.cut}</p>
% endif
<ul class="rows messages">
% for told in look.panel.newest:
<% open = bool(explained and explained.told and explained.told.msg_id == told.msg_id) %>
<li>
${message(told)}
<button class="button link" name="do" value="${'look' if open else f'why:{told.msg_id}'}" aria-expanded="${'true' if open else 'false'}">Why it matches<span class="hidden"> – ${told.telling.summary}</span></button>
% if open:
<div class="reasons">${v.reasons(explained.reasons)}</div>
% endif
</li>
% endfor
</ul>
% endif
</%def>

<%def name="message(told)">
<p>${told.telling.summary}</p>
<p class="quiet">${told.telling.application}, ${told.when}\
% if told.telling.link:
 · <a href="${told.telling.link}" rel="noreferrer">open on ${told.telling.host}</a>\
% endif
</p>
</%def>

## Whether one message gets through.
<%def name="tried(look)">
% if look.tried and look.tried.told is None:
<p class="problem">No message of this id is kept.</p>
% elif look.tried:
<p><b>${"This one gets through." if look.tried.reasons.holds else "This one doesn’t get through."}</b></p>
${message(look.tried.told)}
${v.reasons(look.tried.reasons)}
% endif
</%def>
