<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%namespace name="i" file="inbox_parts.mako"/>
<%def name="title()">${_("Snooze")}</%def>
<h1>${_("Snooze")}</h1>
<p class="lead"${english()}>${summary}</p>
<form method="post" action="${request.route_path('inbox_triage')}" class="snooze-choices">
${p.token()}
% for key, value in search.query(search.place).items():
<input type="hidden" name="${key}" value="${value}">
% endfor
${i.snooze_choices("row", spans, f":{notification_id}")}
</form>
<p><a href="${request.route_path('inbox', _query=search.query(search.place) or None)}">${_("Back to the inbox")}</a></p>
