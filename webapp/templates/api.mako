<%inherit file="layout.mako"/>
<%def name="title()">API</%def>
<h1>API</h1>
