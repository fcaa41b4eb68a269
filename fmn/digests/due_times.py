"""Due times of digests, by schedule, size, quiet hours and throttling.

Pure: takes values, knows neither clock nor database.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fmn.digests.scheduled_times import next_scheduled_time
from fmn.people.schedule import Schedule

#: How soon after it began a flood's first digest comes: by then much of it is in, and its reader hears soon
#: why nothing comes singly any more.
FIRST_THROTTLED_DIGEST_AFTER: Final = timedelta(minutes=2)


@dataclass(frozen=True)
class NextDigest:
    """The pending notifications of a preference, and the schedule of its digests.

    ``first_at`` is when the first of the ``count`` notifications was created. ``severe`` says that one of
    them is severe. ``closed_at`` is when the last digest was closed. ``throttling_interval``, the minimum
    between two digests, is set if throttling alone batched them.
    """

    preference_id: int
    enabled: bool
    rhythm: Schedule
    count: int
    first_at: datetime
    severe: bool = False
    closed_at: datetime | None = None
    throttling_interval: timedelta | None = None


def is_due(waiting: NextDigest, now: datetime) -> bool:
    """Whether to close the digest now: its schedule says so, and it isn't in quiet hours.

    Notifications of a preference that is switched off are due immediately.
    """
    due = next_due(waiting, now)
    return due is not None and due <= now


def next_due(waiting: NextDigest, now: datetime) -> datetime | None:
    """When the digest is due if nothing more comes in, ``now`` at the earliest.

    ``None`` if nothing is pending, or if only more notifications can make it due.
    """
    if not waiting.count:
        return None
    if not waiting.enabled:
        return now
    ready_at = _ready_at(waiting)
    if ready_at is None:
        return None
    due = max(ready_at, now)
    while (end := waiting.rhythm.quiet_until(due, severe=waiting.severe)) is not None:
        due = end
    return due


def _ready_at(waiting: NextDigest) -> datetime | None:
    """When it may be closed, quiet hours aside; ``None`` if only more notifications can decide that."""
    rhythm = waiting.rhythm
    if waiting.throttling_interval is not None:
        return _throttled_ready_at(waiting, waiting.throttling_interval)
    if not rhythm.is_batched or (rhythm.count is not None and waiting.count >= rhythm.count):
        return waiting.first_at
    return min(_moments(waiting), default=None)


def _throttled_ready_at(waiting: NextDigest, pace: timedelta) -> datetime:
    soon = waiting.first_at + FIRST_THROTTLED_DIGEST_AFTER
    return soon if waiting.closed_at is None else max(soon, waiting.closed_at + pace)


def _moments(waiting: NextDigest) -> Iterator[datetime]:
    """The times at which the schedule closes the digest, whatever its size."""
    rhythm, first_at = waiting.rhythm, waiting.first_at
    if rhythm.seconds is not None:
        yield first_at + timedelta(seconds=rhythm.seconds)
    if rhythm.paused_until is not None and first_at < rhythm.paused_until:
        yield rhythm.paused_until
    if rhythm.clock is not None:
        # What a slow matcher recorded only after the digest that it was meant for waits for the next time:
        # a due time has one digest.
        yield next_scheduled_time(rhythm.clock, max(first_at, waiting.closed_at or first_at))
