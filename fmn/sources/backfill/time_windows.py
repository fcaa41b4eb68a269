"""Time windows: splits a period into windows of a suitable size. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self

#: Seconds of the first window, of the longest one on a silent bus, and of the shortest one on a busy bus.
FIRST: Final = 600
LONGEST: Final = 6 * 3600
SHORTEST: Final = 1
#: Messages of a window below which the next window is longer.
FEW_MESSAGES: Final = 500
#: Seconds by which senders' clocks and an archive's rounding may be off.
TOLERANCE: Final = 1
#: Margin below the kept history: more than a slow archive takes for a window.
MARGIN: Final = timedelta(hours=1)


@dataclass(frozen=True)
class BackfillWindow:
    """Time window from ``start`` to ``end``, both included, in whole seconds since 1970."""

    start: int
    end: int

    @classmethod
    def covering(cls, since: datetime, until: datetime) -> Self:
        """The shortest window that covers ``since`` to ``until``."""
        return cls(math.floor(since.timestamp()), math.ceil(until.timestamp()))

    @property
    def seconds(self) -> int:
        """Length in seconds."""
        return self.end - self.start

    @property
    def end_time(self) -> datetime:
        """The end as a datetime."""
        return datetime.fromtimestamp(self.end, UTC)

    def contains(self, sent_at: datetime) -> bool:
        """Whether a message sent then belongs to the window."""
        return self.start - TOLERANCE <= sent_at.timestamp() <= self.end + TOLERANCE


class WindowSizer:
    """Adaptive window size, such that a window has a few pages of messages."""

    def __init__(self, seconds: int = FIRST) -> None:
        self.seconds = seconds

    def next(self, whole: BackfillWindow) -> BackfillWindow:
        """The first window of the remaining period. It overlaps the next one by a second."""
        return BackfillWindow(whole.start, min(whole.start + self.seconds, whole.end))

    def record(self, messages: int) -> None:
        """Adapt the size to the number of messages in a window."""
        if messages < FEW_MESSAGES:
            self.seconds = min(2 * self.seconds, LONGEST)

    def shrink(self, window: BackfillWindow) -> None:
        """Shrink the size after a window had too many messages. The window must not be the shortest."""
        self.seconds = max(SHORTEST, window.seconds // 2)


def remaining(whole: BackfillWindow, done: BackfillWindow) -> BackfillWindow | None:
    """The rest of ``whole`` after its first window ``done``; ``None`` at the end."""
    return BackfillWindow(done.end, whole.end) if done.end < whole.end else None


def clamp_to_history(since: datetime, now: datetime, history: timedelta) -> datetime:
    """``since``, or the start of the kept history if that's later.

    Older messages are deleted or about to be: they would count as new.
    """
    return max(since, now - history + MARGIN)


def due_slots(now: datetime, recheck_after: timedelta) -> Iterator[tuple[int, datetime]]:
    """Slots of a new gap's backfills, each with its earliest time.

    One at once, and one at a round time, so that gaps noticed one after another share it.
    """
    yield 0, now
    period = max(1, round(recheck_after.total_seconds()))
    due = math.ceil((now + recheck_after).timestamp() / period) * period
    yield due, datetime.fromtimestamp(due, UTC)
