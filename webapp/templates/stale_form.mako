<%inherit file="layout.mako"/>
<%def name="title()">This form has expired</%def>
<h1>This form has expired</h1>
<p class="lead">Nothing was changed. Go back, reload the page, and send the form again.</p>
<p>You may have signed in or out in another window after loading the form. If this happens again, allow cookies for
this site.</p>
