"""How often somebody is written to, in words: "immediately", "in a digest every 4 hours or 20 messages"."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from fmn.localized import number_text, series, weekday_name
from fmn.people.preferences import DAYS, Frequency, QuietHours
from fmn.translations import gettext, mark, ngettext

#: Sets of days that have a name.
_NAMED: Final[Mapping[tuple[int, ...], str]] = {
    (): mark("at {times} every day"), tuple(range(7)): mark("at {times} every day"),
    tuple(range(5)): mark("at {times} on weekdays"), (5, 6): mark("at {times} at weekends")}
#: Seconds in a unit, the largest first, and the words for a number of them.
_UNITS: Final[Sequence[tuple[int, Callable[[int], str]]]] = (
    (86_400, lambda number: ngettext("{number} day", "{number} days", number)),
    (3_600, lambda number: ngettext("{number} hour", "{number} hours", number)),
    (60, lambda number: ngettext("{number} minute", "{number} minutes", number)),
    (1, lambda number: ngettext("{number} second", "{number} seconds", number)))
#: The same for what comes again after that time.
_EVERY: Final[Mapping[int, Callable[[int], str]]] = {
    86_400: lambda number: ngettext("every day", "every {number} days", number),
    3_600: lambda number: ngettext("every hour", "every {number} hours", number),
    60: lambda number: ngettext("every minute", "every {number} minutes", number),
    1: lambda number: ngettext("every second", "every {number} seconds", number)}


def frequency_text(frequency: Frequency) -> str:
    """Describe when notifications are sent, as the end of a sentence."""
    limits, clock = _limits(frequency), _clock(frequency)
    if limits and clock:
        return gettext("in a digest {limits}, and {at_times}").format(limits=limits, at_times=clock)
    if limits or clock:
        return gettext("in a digest {when}").format(when=limits or clock)
    return gettext("immediately")


def quiet_hours_text(hours: QuietHours) -> str:
    """Describe quiet hours, ``""`` if there are none."""
    start, stop = hours.quiet_from, hours.quiet_until
    if start is None or stop is None or start == stop:
        return ""
    text = gettext("no notifications from {start} to {stop}, except urgent ones") if hours.quiet_lets_severe \
        else gettext("no notifications from {start} to {stop}")
    return text.format(start=f"{start:%H:%M}", stop=f"{stop:%H:%M}")


def duration_text(seconds: int) -> str:
    """A duration in the largest unit that divides it: ``90 minutes``, ``4 hours``."""
    size, words = next(unit for unit in _UNITS if seconds % unit[0] == 0)
    return words(seconds // size).format(number=number_text(seconds // size))


def _limits(frequency: Frequency) -> str:
    """After how many notifications, and how long."""
    count, seconds = frequency.digest_count, frequency.digest_seconds
    ways = [
        *([_every(seconds)] if seconds else []),
        *([ngettext("{number} notification", "{number} notifications", count).format(
            number=number_text(count))] if count else [])]
    if len(ways) > 1:
        return gettext("{every} or {notifications}").format(every=ways[0], notifications=ways[1])
    if count:
        return gettext("every {notifications}").format(notifications=ways[0])
    return "".join(ways)


def _every(seconds: int) -> str:
    size = next(size for size, _ in _UNITS if seconds % size == 0)
    return _EVERY[size](seconds // size).format(number=number_text(seconds // size))


def _clock(frequency: Frequency) -> str:
    """At which times of which days."""
    if not frequency.clock_times:
        return ""
    times = series((f"{each:%H:%M}" for each in frequency.clock_times), len(frequency.clock_times))
    days = sorted(map(DAYS.index, frequency.clock_days))
    if named := _NAMED.get(tuple(days)):
        return gettext(named).format(times=times)
    return gettext("at {times} on {days}").format(
        times=times, days=series(map(weekday_name, days), len(DAYS)))
