<%inherit file="layout.mako"/>
<%namespace name="f" file="filters_list.mako"/>
<%def name="title()">Filters by ${it.by}</%def>
<%def name="scripts()">${f.script()}</%def>

<p class="eyebrow"><a href="${request.route_path('preference', context=it.context)}">${heading}</a></p>
<h1>Filters by ${it.by}</h1>
<section aria-labelledby="filters">
<h2 id="filters">Your filters</h2>
${f.filters(it)}
</section>
