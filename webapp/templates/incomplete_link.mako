<%inherit file="layout.mako"/>
<%def name="title()">${_("This link doesn’t work")}</%def>
<h1>${_("This link doesn’t work")}</h1>
<p class="lead">${sentence}</p>
<p>${_("Mail programs sometimes break long links. Copy the complete link into the address bar. If that doesn’t work either, use the link in a newer mail: administrators can invalidate old links.")}</p>
