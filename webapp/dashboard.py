"""Charts of the administrators' status page, from the installation's figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from fmn.ledger.figures.history import Periods
from fmn.ledger.figures.series import (
    BUS_LAG,
    DAY,
    DROPPED,
    DUE,
    FAILED,
    FIVE_MINUTES,
    HIGHEST,
    HOUR,
    MATCH_LAG,
    MATCHED,
    NOTIFICATIONS,
    QUEUE,
    RECEIVED,
    SENT,
)
from fmn.localized import number_text, short_weekday_and_date
from fmn.translations import gettext as _
from fmn.translations import mark
from webapp.charts import Chart, Series

#: Values of a series by its name, one for each period.
History = Mapping[str, Sequence[int]]

#: Units of durations with their milliseconds, the largest first.
_UNITS: Final = (
    (mark("{number} d"), 86_400_000), (mark("{number} h"), 3_600_000), (mark("{number} min"), 60_000),
    (mark("{number} s"), 1_000))
_MILLISECONDS: Final = mark("{number} ms")
#: From so many units on, no decimals are shown.
_MANY: Final = 10


@dataclass(frozen=True)
class Span:
    """A time to look back: ``count`` periods, of which ``together`` make one of a chart."""

    key: str
    name: str
    seconds: int
    count: int
    together: int = 1
    shows_day: bool = False
    shows_time: bool = True

    def periods(self, now: datetime) -> Periods:
        """The periods until now."""
        return Periods(now, self.seconds, self.count)

    def label(self, moment: datetime, zone: tzinfo) -> str:
        """A period's start as its reader's clocks show it."""
        local = moment.astimezone(zone)
        day, time = short_weekday_and_date(local), f"{local:%H:%M}"
        if not self.shows_day:
            return time
        return _("{day}, {time}").format(day=day, time=time) if self.shows_time else day


SPANS: Final = (
    Span("hour", mark("Last hour"), FIVE_MINUTES, 12),
    Span("day", mark("Last day"), HOUR, 24, shows_day=True),
    Span("week", mark("Last week"), HOUR, 168, 6, shows_day=True),
    Span("month", mark("Last 30 days"), DAY, 30, shows_day=True, shows_time=False),
)


@dataclass(frozen=True)
class NamedChart:
    """A chart with its heading, what it counts in words, and what it shows in one sentence."""

    key: str
    heading: str
    chart: Chart

    @property
    def words(self) -> str:
        """The chart in words."""
        sums = ", ".join(f"{each.name} {self.chart.sum_up(each)}" for each in self.chart.series)
        return f"{self.heading}: {sums}"


def span_named(key: str) -> Span:
    """The span of this key, the day for an unknown one."""
    return next((each for each in SPANS if each.key == key), SPANS[1])


def charts(found: History, span: Span, now: datetime, zone: tzinfo) -> Sequence[NamedChart]:
    """The charts of a span."""
    labels = [span.label(start, zone) for start in span.periods(now).starts[::span.together]]
    made = _Maker(found, span, labels)
    return [
        NamedChart("messages", _("Messages"), made.chart(
            made.series(_("Received"), RECEIVED), made.series(_("Matched"), MATCHED, kind="sent"))),
        NamedChart("notifications", _("Notifications"), made.chart(
            made.series(_("Notifications"), NOTIFICATIONS))),
        NamedChart("deliveries", _("Deliveries"), made.chart(
            made.series(_("Sent"), SENT), made.series(_("Failed"), FAILED, kind="failed"),
            made.series(_("Dropped"), DROPPED, kind="other"))),
        NamedChart("lag", _("Longest delays"), made.chart(
            made.series(_("From sender to FMN"), BUS_LAG),
            made.series(_("Until matched"), MATCH_LAG, kind="other"), write=duration)),
        NamedChart("waiting", _("Most waiting"), made.chart(
            made.series(_("Tasks in queues"), QUEUE), made.series(_("Due deliveries"), DUE, kind="other"))),
    ]


@dataclass(frozen=True)
class _Maker:
    """Makes charts of a history."""

    found: History
    span: Span
    labels: Sequence[str]

    def chart(self, *series: Series, write: Callable[[int], str] = number_text) -> Chart:
        return Chart(self.labels, series, write)

    def series(self, name: str, stored: str, kind: str = "came") -> Series:
        """A stored series, or for a beginning of names all of them together."""
        highest = stored.startswith(HIGHEST)
        values = [0] * self.span.count
        for key, some in self.found.items():
            if key == stored or (stored.endswith(".") and key.startswith(stored)):
                values = [one + other for one, other in zip(values, some, strict=True)]
        combine = max if highest else sum
        size = self.span.together
        together = [combine(values[at:at + size]) for at in range(0, len(values), size)]
        return Series(name, together, kind, highest)


def duration(milliseconds: int) -> str:
    """A duration as people read it: ``340 ms``, ``1.2 s``, ``30 min``."""
    text, size = next(((text, size) for text, size in _UNITS if milliseconds >= size), (_MILLISECONDS, 1))
    number = milliseconds / size
    return _(text).format(number=number_text(round(number) if number >= _MANY else round(number, 1)))
