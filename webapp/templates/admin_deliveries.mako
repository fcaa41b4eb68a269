<%inherit file="layout.mako"/>
<%namespace name="a" file="admin_parts.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">Failed deliveries</%def>
<%def name="width()">wide</%def>
<%def name="mend(each)">
<div class="tools">
${p.act(request.route_path("admin_deliveries"), "Try again", hidden={"context": each.context, "reason": each.reason, "action": "retry"})}
${p.act(request.route_path("admin_deliveries"), "Give up", kind="button danger small", hidden={"context": each.context, "reason": each.reason, "action": "discard"})}
</div>
</%def>
${a.places()}
<h1>Failed deliveries</h1>
<p class="lead">What couldn’t be delivered, by its reason. Mend the cause, then try them again: each is tried once
more at least. What you give up isn’t sent any more, and its owner reads that.</p>
% if failures:
${a.failed(failures, mend)}
% else:
${p.empty("Nothing has failed", "What fails for now is tried again by itself; only what is given up comes here.")}
% endif
