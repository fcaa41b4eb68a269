<%inherit file="layout.mako"/>
<%namespace name="p" file="parts.mako"/>
<%!
from webapp.filters.explanations import UNREADABLE
%>
<%def name="title()">${_("Share filters")}</%def>

<p class="eyebrow"><a href="${request.route_path('filters', context=here)}">${_("Filters by {channel}").format(channel=by)}</a></p>
<h1>${_("Share filters")}</h1>
<p class="lead">${_("Whoever has the link sees the filters, and can take them over. It doesn’t say who made it; “me” means them.")}</p>
% if mine:
<form method="post" action="${request.route_path('share', context=here)}">
${p.token()}
<fieldset>
<legend>${_("Filters")}</legend>
% if problem:
<p class="problem lone" role="alert">${problem}</p>
% endif
% for filter_id, name, words in mine:
${p.tick("filter", name, filter_id in chosen, str(filter_id), hint=words or _(UNREADABLE), hint_of_catalogue=bool(words), key=f"filter-{filter_id}")}
% endfor
</fieldset>
<button class="button">${_("Create link")}</button>
</form>
% else:
${p.empty(_("No filters yet"), _("There is nothing to share so far."))}
% endif

% if made:
<section aria-labelledby="links">
<h2 id="links">${_("Your links")}</h2>
<ul class="rows">
% for link in made:
<li>
${p.field("link", ", ".join(link.names), link.url, key=f"link-{link.id}", readonly=True)}
<div class="split">
<p class="quiet">${_("Made on {date}").format(date=link.made)}</p>
${p.act(request.route_path("share_stop", shared_id=link.id), _("Delete link"), about=", ".join(link.names))}
</div>
</li>
% endfor
</ul>
</section>
% endif
