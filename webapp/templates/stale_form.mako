<%inherit file="layout.mako"/>
<%def name="title()">${_("This form has expired")}</%def>
<h1>${_("This form has expired")}</h1>
<p class="lead">${_("Nothing was changed. Go back, reload the page, and send the form again.")}</p>
<p>${_("You may have signed in or out in another window after loading the form. If this happens again, allow cookies for this site.")}</p>
