<%inherit file="layout.mako"/>
<%def name="title()">This message was deleted</%def>
<h1>This message was deleted</h1>
<p class="lead">FMN keeps messages for ${days} days, so we can’t show this one or explain it any more.</p>
<p>The mail names the filter that matched. Its other link, “Stop this filter”, still works.</p>
