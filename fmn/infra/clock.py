"""Clocks: this machine's, a monotonic one, and one that all hosts share."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final

#: Seconds between two reads of a shared clock. Two hosts' clocks drift by microseconds meanwhile.
REFRESH_SECONDS: Final = 30.0
#: A clock that ignores settings of the time. On Linux it continues while the machine sleeps.
_MONOTONIC_CLOCK: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def utc_now() -> datetime:
    """The current time, aware and in UTC, by this machine's clock."""
    return datetime.now(UTC)


def monotonic_seconds() -> float:
    """Seconds on a monotonic clock, which ignores settings of the machine's time."""
    return time.clock_gettime(_MONOTONIC_CLOCK)


class SharedClock:
    """Clock that all hosts share: another host's, which ``read`` returns. Thread-safe.

    It's read every few seconds; in between it advances by this machine's monotonic clock. So claims and due
    times mean the same on every host, whatever the hosts' clocks say.
    """

    def __init__(
        self, read: Callable[[], datetime], elapsed: Callable[[], float] = monotonic_seconds,
    ) -> None:
        self._read = read
        self._elapsed = elapsed
        self._known: tuple[datetime, float] | None = None
        self._lock = Lock()

    def now(self) -> datetime:
        """The time. Raises errors of ``read`` only until the first read succeeded."""
        known = self._known
        if known is None:
            known = self._read_source()
        elif self._elapsed() - known[1] >= REFRESH_SECONDS and self._lock.acquire(blocking=False):
            # One thread reads; the others use what is known.
            try:
                known = self._refresh(known)
            finally:
                self._lock.release()
        return known[0] + timedelta(seconds=self._elapsed() - known[1])

    def advance_to(self, found: datetime) -> None:
        """Set the clock forward to ``found``, a time that came with another answer of the host.

        A paused machine's clocks stand still; this makes up for it.
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
            # Not on each call: a host that is down may take seconds to fail.
            passed = self._elapsed() - known[1]
            self._known = known = known[0] + timedelta(seconds=passed), known[1] + passed
            return known
