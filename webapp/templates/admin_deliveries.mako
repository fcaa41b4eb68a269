<%inherit file="layout.mako"/>
<%namespace name="a" file="admin_parts.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">${_("Failed deliveries")}</%def>
<%def name="width()">wide</%def>
<%def name="aside()">${a.places()}</%def>
<%def name="mend(each)">
<div class="tools">
${p.act(request.route_path("admin_deliveries"), _("Retry"), hidden={"context": each.context, "reason": each.reason, "action": "retry"})}
${p.act(request.route_path("admin_deliveries"), _("Discard"), kind="button danger small", hidden={"context": each.context, "reason": each.reason, "action": "discard"})}
</div>
</%def>
<h1>${_("Failed deliveries")}</h1>
<p class="lead">${_("Deliveries that failed for good, by reason. Fix the cause, then retry: each delivery gets at least one more attempt. Discarded deliveries aren’t sent, and their owners see that in the inbox.")}</p>
% if failures:
${a.failed(failures, mend)}
% else:
${p.empty(_("No failed deliveries"), _("FMN retries temporary failures by itself and lists only the deliveries it gave up on."))}
% endif
