<%inherit file="layout.mako"/>
<%def name="title()">This link leads nowhere any more</%def>
<h1>This link leads nowhere any more</h1>
<p class="lead">It stood for a longer one, in a message that FMN kept for ${days} days.</p>
<p>The mail that it’s from says what happened, in a sentence that you can search for. To get whole links, which
last longer, change how your mails look on their page in FMN.</p>
