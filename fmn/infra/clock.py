"""The time. What depends on it takes it as a function, so that tests can turn the clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final

#: Seconds for which a shared clock goes on by itself: the clocks of two hosts part by microseconds meanwhile.
REFRESH_SECONDS: Final = 30.0
#: What no setting of a clock moves. On Linux it goes on while the machine sleeps.
_MONOTONIC_CLOCK: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def utc_now() -> datetime:
    """The current time, aware and in UTC, by this machine's clock."""
    return datetime.now(UTC)


def monotonic_seconds() -> float:
    """Seconds since some moment, whatever the machine's clock is set to meanwhile."""
    return time.clock_gettime(_MONOTONIC_CLOCK)


class SharedClock:
    """One clock for all hosts: another one's, which ``read`` asks. Threads may share it.

    It's asked every now and then, and in between goes on with the seconds that pass here. So whatever this
    machine's own clock says, and however it's set, claims and due times mean the same to everybody.
    """

    def __init__(
        self, read: Callable[[], datetime], elapsed: Callable[[], float] = monotonic_seconds,
    ) -> None:
        self._read = read
        self._elapsed = elapsed
        self._known: tuple[datetime, float] | None = None
        self._lock = Lock()

    def now(self) -> datetime:
        """The time. Raises what ``read`` does if it was never known; once it was, it goes on without."""
        known = self._known
        if known is None:
            known = self._read_source()
        elif self._elapsed() - known[1] >= REFRESH_SECONDS and self._lock.acquire(blocking=False):
            # One looks; the others go on with what they have.
            try:
                known = self._refresh(known)
            finally:
                self._lock.release()
        return known[0] + timedelta(seconds=self._elapsed() - known[1])

    def advance_to(self, found: datetime) -> None:
        """Go on from ``found`` if that's later: the other clock said so along with another answer.

        While a machine is paused, no clock of its own goes on; this tells it that time passed.
        """
        known, elapsed = self._known, self._elapsed()
        if known is None or found > known[0] + timedelta(seconds=elapsed - known[1]):
            self._known = found, elapsed

    def _read_source(self) -> tuple[datetime, float]:
        found = self._read()
        self._known = known = found, self._elapsed()
        return known

    def _refresh(self, known: tuple[datetime, float]) -> tuple[datetime, float]:
        try:
            return self._read_source()
        except Exception:  # noqa: BLE001 - whoever wants more than the time notices it by themselves
            # Not again with each question: whoever is away may take seconds to say so.
            passed = self._elapsed() - known[1]
            self._known = known = known[0] + timedelta(seconds=passed), known[1] + passed
            return known
