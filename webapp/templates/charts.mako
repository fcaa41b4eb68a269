## Charts, drawn on the server: <%namespace name="c" file="charts.mako"/>, then ${c.chart(it, "…")}.
<%!
from fmn.translations import ngettext
from webapp.charts import HEIGHT, STEP, GAP, sparkline
%>

## A chart with its legend, its numbers in a table, and ``words`` that sum it up.
<%def name="chart(it, words, periods)">
<figure class="chart">
<figcaption class="legend">
% for each in it.series:
<span class="${each.kind}"><svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">\
% if loop.first:
<rect width="10" height="10"/>\
% else:
<line y1="5" x2="10" y2="5"/>\
% endif
</svg>${each.name} <b>${it.sum_up(each)}</b></span>
% endfor
</figcaption>
<div class="plot">
<span class="max" aria-hidden="true">${it.write(it.top)}</span>
<svg role="img" aria-label="${words}" viewBox="0 0 ${it.width} ${HEIGHT}" preserveAspectRatio="none">
<line class="grid" x2="${it.width}" y1="${HEIGHT // 2}" y2="${HEIGHT // 2}"/>
<line class="grid" x2="${it.width}" y1="0.5" y2="0.5"/>
% for bar in it.bars:
<rect class="${it.series[0].kind}" x="${bar.x}" y="${bar.y}" width="${STEP - GAP}" height="${bar.height}"/>
% endfor
% for each in it.series[1:]:
<polyline class="${each.kind}" points="${it.line(each)}"/>
% endfor
% for label in it.labels:
<rect class="period" x="${STEP * loop.index}" y="0" width="${STEP}" height="${HEIGHT}"><title>${it.hint(loop.index)}</title></rect>
% endfor
</svg>
</div>
<p class="ends quiet" aria-hidden="true"><span>${it.labels[0]}</span><span>${it.labels[-1]}</span></p>
<details class="numbers">
<summary>${_("Show as a table")}<span class="hidden">: ${words}</span></summary>
<div class="scrolls" tabindex="0" role="region" aria-label="${words}">
<table>
<thead><tr><th>${periods}</th>
% for each in it.series:
<th class="number">${each.name}</th>
% endfor
</tr></thead>
<tbody>
% for label in reversed(it.labels):
<tr><td>${label}</td>
% for each in it.series:
<td class="number">${it.write(each.values[-1 - loop.parent.index])}</td>
% endfor
</tr>
% endfor
</tbody>
</table>
</div>
</details>
</figure>
</%def>

## A small picture in a line of a list; ``words`` say the same.
<%def name="spark(values, words)">
<svg class="spark" role="img" aria-label="${words}" viewBox="0 0 ${STEP * len(values)} ${HEIGHT}" preserveAspectRatio="none"><title>${words}</title>
% for bar in sparkline(values):
<rect class="bar" x="${bar.x}" y="${bar.y}" width="${STEP - GAP}" height="${bar.height}"/>
% endfor
<line x2="${STEP * len(values)}" y1="${HEIGHT}" y2="${HEIGHT}"/>
</svg>\
</%def>
