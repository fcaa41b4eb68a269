<%inherit file="layout.mako"/>
<%def name="title()">${_("This link has expired")}</%def>
<h1>${_("This link has expired")}</h1>
<p class="lead">${ngettext("Short links work for {days} day, as long as FMN keeps the message.", "Short links work for {days} days, as long as FMN keeps the message.", days).format(days=days)}</p>
<p>${_("Search for the sentence in the notification instead. To get full links, which don’t expire, turn off short links in the channel’s format settings.")}</p>
