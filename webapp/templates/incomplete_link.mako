<%inherit file="layout.mako"/>
<%def name="title()">This link doesn’t work</%def>
<h1>This link doesn’t work</h1>
<p class="lead">${sentence}</p>
<p>Mail programs break long links at times. If the whole link doesn’t work either, take the one of a newer
mail: administrators can make all old ones invalid.</p>
