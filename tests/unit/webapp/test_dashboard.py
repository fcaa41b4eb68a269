"""Charts of the status page."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from webapp.dashboard import SPANS, Span, charts, duration, span_named

NOW = datetime(2026, 5, 4, 12, 34, tzinfo=UTC)


@pytest.mark.parametrize(("milliseconds", "text"), [
    (0, "0 ms"), (999, "999 ms"), (1_240, "1.2 s"), (59_000, "59 s"), (90_000, "1.5 min"),
    (7_200_000, "2 h"), (864_000_000, "10 d")])
def test_durations_are_readable(milliseconds: int, text: str) -> None:
    assert duration(milliseconds) == text


def test_a_week_adds_up_six_hours_and_keeps_their_highest() -> None:
    found = {"received": [1] * 168, "lag.bus": [*range(168)], "sent.email": [2] * 168, "sent.irc": [1] * 168}
    messages, _, deliveries, lag, _ = charts(found, span_named("week"), NOW, UTC)
    assert messages.chart.series[0].values == [6] * 28
    assert deliveries.chart.series[0].values == [18] * 28
    assert lag.chart.series[0].values[-1] == 167
    assert lag.words == "Longest delays: From sender to FMN 167 ms, Until matched 0 ms"


@pytest.mark.parametrize("span", SPANS)
def test_labels_are_in_the_readers_time(span: Span) -> None:
    utc, prague = (charts({}, span, NOW, zone)[0].chart.labels for zone in (UTC, ZoneInfo("Europe/Prague")))
    assert len(utc) == len(prague)
    if span is SPANS[0]:
        assert (utc[-1], prague[-1]) == ("12:30", "14:30")
