<%inherit file="layout.mako"/>
<%def name="title()">This message isn’t kept any more</%def>
<h1>This message isn’t kept any more</h1>
<p class="lead">FMN keeps messages for ${days} days, so what this one said and why you got it can’t be shown now.</p>
<p>The mail itself names the filter that let it through. Its other link, which stops that filter, still works.</p>
