<%inherit file="layout.mako"/>
<%!
import re
%>
<%def name="title()">The API</%def>
<h1>The API</h1>
<p class="lead">What you see and change here, a program of yours can see and change too. It speaks JSON, and needs a
token that you give it.</p>

<nav aria-label="On this page">
<ul class="contents">
% for anchor, words in (("begin", "To begin with"), ("rules-of-all", "What holds everywhere"), ("problems", "If something is wrong")):
<li><a href="#${anchor}">${words}</a></li>
% endfor
% for subject in subjects:
<li><a href="#${anchor_of(subject)}">${subject}</a></li>
% endfor
</ul>
</nav>

<h2 id="begin">To begin with</h2>
<p><a href="${request.route_path('tokens')}">Make a token</a>, and send it with every request:</p>
<pre class="code"><code>curl -H "Authorization: Bearer fmn_…" ${base}/contexts</code></pre>
<p>Programs can read all of this as an <a href="${request.route_path('api_document')}">OpenAPI 3.1 document</a>.</p>

<h2 id="rules-of-all">What holds everywhere</h2>
<ul>
<li><b>Addresses</b> begin with <code>${base}</code>.</li>
<li><b>Scopes.</b> What reads takes a token with the scope <code>read</code>, what changes something one with
<code>write</code>. Cookies don’t count.</li>
<li><b>Expressions</b> can be sent as one line of text, <code>maintains(@me) and not koji_tag</code>, or as JSON,
<code>{"all": [{"rule": "maintains", "with": {"fasnick": "@me"}}, {"not": {"rule": "koji_tag"}}]}</code>. They are
answered in both ways. <a href="${request.route_path('help')}#writing">How to write them</a></li>
<li><b>Versions.</b> Whoever changes something may send the <code>version</code> that they saw, or its
<code>ETag</code> in <code>If-Match</code>. If somebody else changed it meanwhile, nothing happens and they hear of
it. Without a version, the last one to change it wins.</li>
<li><b>Moments</b> are in UTC, as in <code>2026-03-14T09:26:53Z</code>; clock times are those of the account’s time
zone.</li>
<li><b>What isn’t yours</b> isn’t there: 404.</li>
<li><b>Bodies</b> have ${f"{largest:,}"} bytes at most.</li>
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
<p class="eyebrow">Body</p>
${paragraphs(it.body.words)}
${fields(it.body.fields, mark=True)}
% endif
% if it.answer.fields:
<details><summary>Answer</summary>
${paragraphs(it.answer.words)}
${fields(it.answer.fields)}
</details>
% endif
</section>
% endfor
% endfor

<h2 id="problems">If something is wrong</h2>
<p>Then nothing was changed, and the answer is <code>application/problem+json</code> (RFC 9457): <code>detail</code> is
a sentence that says what is wrong, <code>errors</code> says it for each place, and <code>type</code> leads here.</p>
<dl class="answers">
% for status, kind in kinds.items():
<dt id="${kind.name}">${status} ${kind.title}</dt>
<dd>${kind.help}</dd>
% endfor
</dl>

<%def name="paragraphs(text)">
% for paragraph in filter(None, text.split("\n\n")):
<p>${paragraph | h,code}</p>
% endfor
</%def>

<%def name="fields(them, mark=False)">
<dl class="terms">
% for field in them:
<div><dt><code>${field.name}</code> ${field.kind}${", needed" if mark and field.needed else ""}</dt>
% if field.words:
<dd>${field.words | h,code}</dd>
% endif
</div>
% endfor
</dl>
</%def>
<%!
def anchor_of(subject):
    return "about-" + subject.lower().replace(" ", "-")


def code(text):
    return re.sub("`([^`]+)`", r"<code>\1</code>", text)
%>
