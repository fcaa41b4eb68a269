## The form of a chat or push service: what to do there, and what to copy from there.
<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%namespace name="s" file="settings_parts.mako"/>
<%def name="aside()">${s.places()}</%def>
<%def name="title()">${service.title}</%def>
<%!
def hint(field, _):
    """What belongs into a field."""
    such = _("Such as {example}").format(example=field.example) if field.example else ""
    return " ".join(filter(None, [_(field.hint) if field.hint else "", such]))
%>

<p class="eyebrow"><a href="${request.route_path('services')}">${_("All services")}</a></p>
<h1>\
% if service.icon:
${p.icon(service.icon)} \
% endif
${service.title}</h1>
<p class="lead">${_(service.line)}</p>

<h2 id="steps">${_("What to do there")}</h2>
<ol>
% for step in service.steps:
<li>${_(step)}</li>
% endfor
</ol>

<h2 id="copied">${_("What to enter here")}</h2>
<form method="post" action="${request.route_path('service', service=service.key)}">
${p.token()}
% for field in service.fields:
${p.field(field.name, _(field.label), typed[field.name], hint=hint(field, _), problem=problems.get(field.name, ""), maxlength=longest,
          autocomplete="off", autocapitalize="none", spellcheck="false", required=field.required)}
% endfor
<p class="quiet">${_("We send a code there first. Nothing else comes until you type it here.")}</p>
<button class="button">${_("Add")}</button>
</form>
