<%inherit file="layout.mako"/>
<%def name="title()">${_("This message was deleted")}</%def>
<h1>${_("This message was deleted")}</h1>
<p class="lead">${ngettext("FMN keeps messages for {days} day, so we can’t show this one or explain it any more.", "FMN keeps messages for {days} days, so we can’t show this one or explain it any more.", days).format(days=days)}</p>
<p>${_("The mail names the filter that matched. Its other link, “Stop this filter”, still works.")}</p>
