<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%!
from webapp.filters.explanations import UNREADABLE
%>
<%def name="title()">${_("Shared filters")}</%def>

<h1>${ngettext("A filter for you", "{n} filters for you", len(offers)).format(n=len(offers))}</h1>
<p class="lead">${_("Somebody shares this with you. Choose what you want, and how it reaches you.")}</p>
<form method="post" action="${request.path}">
${p.token()}
% if problem:
<p class="problem lone" role="alert">${problem}</p>
% endif
<fieldset>
<legend class="hidden">${_("Filters")}</legend>
<ul class="rows">
% for each in offers:
<li>
${p.tick("take", each.spec.name, True, str(each.number), hint=each.words or _(UNREADABLE), hint_of_catalogue=bool(each.words), key=f"take-{each.number}")}
% if each.rate:
<p class="quiet">${_("Would match for you: {rate}").format(rate=each.rate)}\
% if each.example:
. ${fill(_("Last: {summary}"), summary=in_english(each.example))}\
% endif
</p>
% endif
</li>
% endfor
</ul>
</fieldset>
% if len(channels) == 1:
<input type="hidden" name="context" value="${channels[0][0]}">
% else:
<div class="field">
<label for="context">${_("How")}</label>
<select id="context" name="context">
% for name, heading in channels:
<option value="${name}">${heading}</option>
% endfor
</select>
</div>
% endif
<button class="button">${_("Add to my filters")}</button>
</form>
