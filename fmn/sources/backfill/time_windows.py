"""Windows of time: the stretch to be asked about, in pieces of the right size. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self

#: Seconds of the first window; of those of a silent bus, and of one on which everything happens at once.
FIRST: Final = 600
LONGEST: Final = 6 * 3600
SHORTEST: Final = 1
#: Messages of a window that are few enough for the next one to be longer.
FEW_MESSAGES: Final = 500
#: Seconds by which senders' clocks, and what an archive makes of a fraction of one, may be off.
TOLERANCE: Final = 1
#: By how much less than the history that is kept one asks for: a slow archive takes less for a window.
MARGIN: Final = timedelta(hours=1)


@dataclass(frozen=True)
class BackfillWindow:
    """From ``start`` to ``end``, both included, in whole seconds since 1970."""

    start: int
    end: int

    @classmethod
    def covering(cls, since: datetime, until: datetime) -> Self:
        """The shortest window with all in it that was sent from ``since`` to ``until``."""
        return cls(math.floor(since.timestamp()), math.ceil(until.timestamp()))

    @property
    def seconds(self) -> int:
        """How long it is."""
        return self.end - self.start

    @property
    def end_time(self) -> datetime:
        """Its end as a moment."""
        return datetime.fromtimestamp(self.end, UTC)

    def contains(self, sent_at: datetime) -> bool:
        """Whether what was sent then is what's asked for."""
        return self.start - TOLERANCE <= sent_at.timestamp() <= self.end + TOLERANCE


class WindowSizer:
    """How long the next window is: as long as an archive answers with a few pages of what was sent in it."""

    def __init__(self, seconds: int = FIRST) -> None:
        self.seconds = seconds

    def next(self, whole: BackfillWindow) -> BackfillWindow:
        """The first piece of what is left. It ends within the next one, for a second isn't a moment."""
        return BackfillWindow(whole.start, min(whole.start + self.seconds, whole.end))

    def record(self, messages: int) -> None:
        """So many messages were in a window."""
        if messages < FEW_MESSAGES:
            self.seconds = min(2 * self.seconds, LONGEST)

    def shrink(self, window: BackfillWindow) -> None:
        """A window had more in it than can be asked for at once; it has to be longer than the shortest."""
        self.seconds = max(SHORTEST, window.seconds // 2)


def remaining(whole: BackfillWindow, done: BackfillWindow) -> BackfillWindow | None:
    """What is left once ``done``, its first piece, is done; ``None`` if that's nothing."""
    return BackfillWindow(done.end, whole.end) if done.end < whole.end else None


def clamp_to_history(since: datetime, now: datetime, history: timedelta) -> datetime:
    """``since``, but not before the history that is kept.

    What is as old as that has been deleted, or is about to be: it would count as new.
    """
    return max(since, now - history + MARGIN)


def due_slots(now: datetime, recheck_after: timedelta) -> Iterator[tuple[int, datetime]]:
    """When a gap that was just noticed is to be asked about: the slots, and from when on each.

    At once, and again at a round time so that gaps which are noticed one after the other share it.
    """
    yield 0, now
    period = max(1, round(recheck_after.total_seconds()))
    due = math.ceil((now + recheck_after).timestamp() / period) * period
    yield due, datetime.fromtimestamp(due, UTC)
