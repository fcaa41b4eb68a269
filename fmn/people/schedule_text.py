"""How often somebody is written to, in words: "immediately", "in a digest every 4 hours or 20 messages"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from fmn.people.preferences import DAYS, Frequency, QuietHours
from fmn.text import join_series, pluralize

#: Sets of days that have a name.
_NAMED: Final[Mapping[tuple[int, ...], str]] = {
    (): "every day", tuple(range(7)): "every day", tuple(range(5)): "on weekdays", (5, 6): "at weekends"}
#: Seconds in a unit, the largest first.
_UNITS: Final = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def frequency_text(frequency: Frequency) -> str:
    """Describe when notifications are sent, as the end of a sentence."""
    ways = list(_ways(frequency))
    return f"in a digest {', and '.join(ways)}" if ways else "immediately"


def quiet_hours_text(hours: QuietHours) -> str:
    """Describe quiet hours, ``""`` if there are none."""
    start, stop = hours.quiet_from, hours.quiet_until
    if start is None or stop is None or start == stop:
        return ""
    exception = ", except urgent ones" if hours.quiet_lets_severe else ""
    return f"no notifications from {start:%H:%M} to {stop:%H:%M}{exception}"


def duration_text(seconds: int) -> str:
    """A duration in the largest unit that divides it: ``90 minutes``, ``4 hours``."""
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
    return pluralize(seconds // size, unit)


def _ways(frequency: Frequency) -> Iterator[str]:
    limits = [
        *([duration_text(frequency.digest_seconds)] if frequency.digest_seconds else []),
        *([pluralize(frequency.digest_count, "notification")] if frequency.digest_count else []),
    ]
    if limits:
        yield f"every {' or '.join(limits).removeprefix('1 ')}"
    if frequency.clock_times:
        times = [f"{each:%H:%M}" for each in frequency.clock_times]
        yield f"at {join_series(times, len(times))} {_days(frequency.clock_days)}"


def _days(names: Sequence[str]) -> str:
    days = sorted(map(DAYS.index, names))
    return _NAMED.get(tuple(days)) or f"on {join_series((DAYS[day].title() for day in days), len(DAYS))}"

