<%inherit file="layout.mako"/>
<%def name="title()">This link has expired</%def>
<h1>This link has expired</h1>
<p class="lead">Short links work for ${days} days, as long as FMN keeps the message.</p>
<p>Search for the sentence in the notification instead. To get full links, which don’t expire, turn off short links
in the channel’s format settings.</p>
