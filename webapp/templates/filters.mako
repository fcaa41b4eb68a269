<%inherit file="layout.mako"/>
<%namespace name="f" file="filters_list.mako"/>
<%def name="title()">${_("Filters by {channel}").format(channel=it.by)}</%def>
<%def name="scripts()">${f.script()}</%def>

<p class="eyebrow"><a href="${request.route_path('preference', context=it.context)}">${heading}</a></p>
<h1>${_("Filters by {channel}").format(channel=it.by)}</h1>
<section aria-labelledby="filters">
<h2 id="filters">${_("Your filters")}</h2>
${f.filters(it)}
</section>
