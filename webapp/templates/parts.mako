## Parts that pages are made of: <%namespace name="p" file="parts.mako"/>, then ${p.act(…)} and so on.
<%!
from pyramid.csrf import get_csrf_token
from fmn.catalog.events import Severity
from fmn.localized import number_text
from webapp.icons import SEVERITIES, SEVERITY_WORDS, STATES, application_icon, icon_markup
%>

## An icon of the sprite, see webapp/assets/icons.txt. It's a decoration, unless it has a ``title``.
<%def name="icon(name, title='', kind='icon')">${icon_markup(request.icons, name, title, kind)}</%def>

## The severity of an event: an icon in its colour, with its name for whoever doesn't see it.
<%def name="severity(value)"><span class="severity ${value | n}">${icon_markup(request.icons, SEVERITIES[value], _(SEVERITY_WORDS[value]))}</span></%def>

## The icon of an application, with its title.
<%def name="application(category, title)">${icon_markup(request.icons, application_icon(category), title, "icon application")}</%def>

## The hidden field that every form which posts has to have.
<%def name="token()"><input type="hidden" name="csrf_token" value="${get_csrf_token(request)}"></%def>

## One button that posts: to where, what it says, and what it sends besides. ``about`` tells those who don't
## see the page around it what the button is about.
<%def name="act(where, words, kind='button plain small', about='', hidden=())">
<form method="post" action="${where}" class="act">
${token()}
% for name, value in dict(hidden).items():
<input type="hidden" name="${name}" value="${value}">
% endfor
<button class="${kind}">${words}\
% if about:
<span class="hidden"> ${about}</span>\
% endif
</button>
</form>
</%def>

## A labelled field. ``problem`` is the sentence that says what is wrong with it, ``hint`` what belongs there;
## ``key`` tells several of one name apart. ``words_of_catalogue`` says that label and hint are English.
<%def name="field(name, label, value='', kind='text', hint='', problem='', key=None, words_of_catalogue=False, **more)">
<%
    key = key or name
    language = english() if words_of_catalogue else ""
    described = [f"{key}-{what}" for what, text in (("hint", hint), ("problem", problem)) if text]
%>
<div class="${'field wrong' if problem else 'field'}">
<label${language} for="${key}">${label}</label>
% if hint:
<p${language} class="hint" id="${key}-hint">${hint}</p>
% endif
<input id="${key}" name="${name}" type="${kind}" value="${value}" ${attributes(more)}\
% if described:
 aria-describedby="${" ".join(described)}"\
% endif
${" aria-invalid=true" if problem else ""}>
% if problem:
<p class="problem" id="${key}-problem">${problem}</p>
% endif
</div>
</%def>

## A box to tick, with its label beside it and a hint below. ``hint_of_catalogue`` says that the hint is English.
<%def name="tick(name, label, checked, value='true', hint='', kind='checkbox', key=None, hint_of_catalogue=False)">
<% key = key or name %>
<div class="tick">
<input id="${key}" name="${name}" type="${kind}" value="${value}"${" checked" if checked else ""}\
% if hint:
 aria-describedby="${key}-hint"\
% endif
>
<label for="${key}">${label}</label>
% if hint:
<p${english() if hint_of_catalogue else ""} class="hint" id="${key}-hint">${hint}</p>
% endif
</div>
</%def>

## Attributes: those that are true by themselves, the others with their value. ``_`` stands for a hyphen.
<%def name="attributes(given)">\
% for name, value in given.items():
% if value is True:
 ${name.replace("_", "-")}\
% elif value is not False and value is not None:
 ${name.replace("_", "-")}="${value}"\
% endif
% endfor
</%def>

## What the colours of stacked bars mean: severities with their numbers.
<%def name="severity_legend(severities)">
<p class="severities quiet">
% for level, number in severities:
<span><span class="severity ${level}">${icon(SEVERITIES[level])}</span> ${_(SEVERITY_WORDS[Severity(level)])} <b>${number_text(number)}</b></span>
% endfor
</p>
</%def>

## What stands where a list would be that has nothing in it.
<%def name="empty(title, words)">
<div class="empty"><p><b>${title}</b></p><p>${words}</p>
% if caller:
${caller.body()}
% endif
</div>
</%def>

## A state in a word, with an icon in its colour: good, bad, warn, waiting, done-with, muted, or nothing special.
<%def name="state(word, kind='')"><span class="state ${kind | n}">${icon_markup(request.icons, STATES[kind]) if kind else "" | n}${word}</span></%def>
