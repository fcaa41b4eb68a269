<%inherit file="layout.mako"/>
<%def name="title()">This form is too old</%def>
<h1>This form is too old</h1>
<p class="lead">Nothing was changed. Go back, load the page again, and send the form once more.</p>
<p>Somebody may have signed in or out in another window since you loaded it. If it happens again, allow cookies for
this site: one of them proves that the form came from here.</p>
