## Charts, drawn on the server: <%namespace name="c" file="charts.mako"/>, then ${c.chart(it, "…")}. Each has its
## figures in a table, for the keyboard, for fingers and for those who don't see it.
<%!
from fmn.catalog.events import Severity
from fmn.localized import day_and_month, number_text, short_weekday_and_date
from webapp.charts import HEIGHT, STEP, GAP, round_up, sparkline
from webapp.day_bars import BARS_HEIGHT, bar_parts, severities_in
from webapp.icons import SEVERITY_WORDS
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
% if it.empty:
<span class="nothing quiet" aria-hidden="true">${_("Nothing in this time")}</span>
% else:
<span class="max" aria-hidden="true">${it.write(it.top)}</span>
% endif
<svg role="img" aria-label="${words}" viewBox="0 0 ${it.width} ${HEIGHT}" preserveAspectRatio="none">
% if not it.empty:
<line class="grid" x2="${it.width}" y1="${HEIGHT // 2}" y2="${HEIGHT // 2}"/>
<line class="grid" x2="${it.width}" y1="0.5" y2="0.5"/>
% for bar in it.bars:
<rect class="${it.series[0].kind}" x="${bar.x}" y="${bar.y}" width="${STEP - GAP}" height="${bar.height}"/>
% endfor
% for each in it.series[1:]:
<polyline class="under" points="${it.line(each)}"/>
<polyline class="${each.kind}" points="${it.line(each)}"/>
% endfor
% endif
% for label in it.labels:
<rect class="period" x="${STEP * loop.index}" y="0" width="${STEP}" height="${HEIGHT}"><title>${it.hint(loop.index)}</title></rect>
% endfor
</svg>
</div>
<p class="ends quiet" aria-hidden="true"><span>${it.labels[0]}</span><span>${it.labels[-1]}</span></p>
<details class="numbers">
<summary>${_("Show as a table")}<span class="hidden">: ${words}</span></summary>
${table(words, [periods, *(each.name for each in it.series)], [
    [label, *(it.write(each.values[place]) for each in it.series)] for place, label in enumerate(it.labels)])}
</details>
</figure>
</%def>

## The figures of a chart: a row for each period, the latest first.
<%def name="table(words, heads, rows)">
<div class="scrolls" tabindex="0" role="region" aria-label="${words}">
<table>
<thead><tr>
% for head in heads:
<th${"" if loop.first else ' class="number"' | n}>${head}</th>
% endfor
</tr></thead>
<tbody>
% for row in reversed(rows):
<tr>
% for text in row:
<td${"" if loop.first else ' class="number"' | n}>${text}</td>
% endfor
</tr>
% endfor
</tbody>
</table>
</div>
</%def>

## A bar per day until today. ``days`` have a ``date`` and ``messages``, and are stacked if they have them
## ``by_severity``; ``words`` sum them up.
<%def name="bars(days, words)">
<%
    most = max(day.messages for day in days)
    top = round_up(most)
    step = 12
    # A few days are as wide as many are; the last one is always on the right.
    places = max(len(days), 14)
    first = places - len(days)
    severities = severities_in(days)
%>
<figure class="chart">
<div class="plot">
% if most:
<span class="max" aria-hidden="true">${number_text(top)}</span>
% endif
<svg class="bars" role="img" aria-label="${words}" viewBox="0 0 ${step * places} ${BARS_HEIGHT}" preserveAspectRatio="none">
% if most:
<line class="grid" x2="${step * places}" y1="0.5" y2="0.5"/>
% endif
% for number, day in enumerate(days):
<g><title>${f"{short_weekday_and_date(day.date)}: {number_text(day.messages)}"}${severity_counts(day)}</title>
% for part in bar_parts(day, top, BARS_HEIGHT):
<rect class="${part.kind}" x="${step * (first + number) + 1}" y="${part.top}" width="${step - 2}" height="${part.height}"/>
% endfor
</g>
% endfor
</svg>
</div>
<p class="ends quiet" aria-hidden="true"><span>${day_and_month(days[0].date)}</span><span>${_("today")}</span></p>
% if most:
<details class="numbers" id="figures">
<summary>${_("Show as a table")}</summary>
${table(words, [_("Day"), _("Messages"), *(_(SEVERITY_WORDS[each]) for each in severities)], [
    [short_weekday_and_date(day.date), number_text(day.messages),
     *(number_text(day.by_severity[each]) for each in severities)] for day in days])}
</details>
% endif
</figure>
</%def>

## How many of a day's messages are of which severity, if it's known.
<%def name="severity_counts(day)">\
% if day.messages and hasattr(day, "by_severity"):
 (${", ".join(f"{_(SEVERITY_WORDS[Severity(level)])} {number_text(number)}" for level, number in reversed(day.by_severity.items()) if number)})\
% endif
</%def>

## A small picture in a line of a list, which opens its figures. ``labels`` are those of its ``values``.
<%def name="spark(values, words, labels)">
<details class="spark-figures">
<summary><svg class="spark" role="img" aria-label="${words}" viewBox="0 0 ${STEP * len(values)} ${HEIGHT}" preserveAspectRatio="none"><title>${words}</title>
% for bar in sparkline(values):
<rect class="bar" x="${bar.x}" y="${bar.y}" width="${STEP - GAP}" height="${bar.height}"/>
% endfor
<line x2="${STEP * len(values)}" y1="${HEIGHT}" y2="${HEIGHT}"/>
</svg><span class="hidden">${_("Show as a table")}</span></summary>
${table(words, [_("Day"), _("Notifications")], [
    [label, number_text(value)] for label, value in zip(labels, values, strict=True)])}
</details>
</%def>
