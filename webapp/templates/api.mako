<%inherit file="layout.mako"/>
<%!
import re

from markupsafe import escape
%>
<%def name="title()">${_("API reference")}</%def>
## All of it stays English, as the API does: its fields, its errors, and the documents made of them.
<%def name="language()">${english()}</%def>
<h1>API reference</h1>
<p class="lead">Programs can read and change everything you can on these pages. The API uses JSON and needs a token.</p>

<nav aria-label="On this page">
<ul class="contents">
% for anchor, words in (("begin", "Getting started"), ("rules-of-all", "Conventions"), ("problems", "Errors")):
<li><a href="#${anchor}">${words}</a></li>
% endfor
% for subject in subjects:
<li><a href="#${anchor_of(subject)}">${subject}</a></li>
% endfor
</ul>
</nav>

<h2 id="begin">Getting started</h2>
<p><a href="${request.route_path('tokens')}">Create a token</a> and send it with every request:</p>
<pre class="code"><code>curl -H "Authorization: Bearer fmn_…" ${base}/contexts</code></pre>
<p>This reference is also available as an <a href="${request.route_path('api_document')}">OpenAPI 3.1 document</a>.</p>

<h2 id="rules-of-all">Conventions</h2>
<ul>
<li><b>URLs</b> start with <code>${base}</code>, except <code>${events}</code>.</li>
<li><b>Scopes.</b> Reading needs a token with the scope <code>read</code>, changing something the scope
<code>write</code>, publishing events the scope <code>publish</code>. The API ignores cookies.</li>
<li><b>Expressions</b> are sent as one line of text, <code>maintains(@me) and not koji_tag</code>, or as JSON,
<code>{"all": [{"rule": "maintains", "with": {"fasnick": "@me"}}, {"not": {"rule": "koji_tag"}}]}</code>. Responses
have both. <a href="${request.route_path('help')}#writing">Expression syntax</a></li>
<li><b>Versions.</b> To avoid overwriting other changes, send the <code>version</code> you read, or its
<code>ETag</code> in <code>If-Match</code>. If the version has changed, the request fails with 409 or 412 and changes
nothing. Without a version, the last write wins.</li>
<li><b>Timestamps</b> are in UTC, for example <code>2026-03-14T09:26:53Z</code>. Times of day are in the account’s time
zone.</li>
<li><b>Other people’s data</b> is answered with 404.</li>
<li><b>Bodies</b> have at most ${f"{largest:,}"} bytes.</li>
</ul>

% for subject, operations in subjects.items():
<h2 id="${anchor_of(subject)}">${subject}</h2>
% for it in operations:
<section class="operation" aria-labelledby="${it.id}">
<h3 id="${it.id}">${it.summary}</h3>
<p class="split"><code><b>${it.method}</b> ${it.path}</code> <span class="state">${it.scope}</span></p>
${paragraphs(it.description)}
% if it.parameters:
<p class="eyebrow">Parameters</p>
${fields(it.parameters)}
% endif
% if it.body.fields:
<p class="eyebrow">Request body</p>
${paragraphs(it.body.words)}
${fields(it.body.fields, mark=True)}
% endif
% if it.answer.fields:
<details><summary>Response</summary>
${paragraphs(it.answer.words)}
${fields(it.answer.fields)}
</details>
% endif
</section>
% endfor
% endfor

<h2 id="problems">Errors</h2>
<p>A failed request changes nothing. The response is <code>application/problem+json</code> (RFC 9457): <code>detail</code>
says what is wrong, <code>errors</code> lists each wrong field, and <code>type</code> links to this page.</p>
<dl class="answers">
% for status, kind in kinds.items():
<dt id="${kind.name}">${status} ${kind.title}</dt>
<dd>${kind.help}</dd>
% endfor
</dl>

<%def name="paragraphs(text)">
% for paragraph in filter(None, text.split("\n\n")):
<p>${code(paragraph) | n}</p>
% endfor
</%def>

<%def name="fields(them, mark=False)">
<dl class="terms">
% for field in them:
<div><dt><code>${field.name}</code> ${field.kind}${", required" if mark and field.needed else ""}</dt>
% if field.words:
<dd>${code(field.words) | n}</dd>
% endif
</div>
% endfor
</dl>
</%def>
<%!
def anchor_of(subject):
    return "about-" + subject.lower().replace(" ", "-")


def code(text):
    """Escaped text in which what stands between backticks is marked as code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text)))
%>
