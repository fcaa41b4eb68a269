"""How long somebody waits for an answer: until time is up, or until they don't wait any more."""

from __future__ import annotations

import math
from collections.abc import Callable
from time import perf_counter, thread_time
from typing import Final

from fmn.filters.conditions import Check
from fmn.matching.compiler import OutOfTimeError, StopAskingError

#: CPU seconds for explaining of one message what all of a person's filters say. Mostly it's a millisecond.
EXPLAINING: Final = 2.0
#: Whether nobody waits for the answer any more.
NobodyWaits = Callable[[], bool]


class NobodyWaitsError(StopAskingError):
    """Whoever asked has gone away, or has asked something else meanwhile."""


class CpuTime:
    """A meter that asks checks for so many CPU seconds of its thread, whatever else the machine does."""

    def __init__(self, seconds: float, clock: Callable[[], float] = thread_time) -> None:
        self._clock = clock
        self._ends_at = clock() + seconds

    def ask(self, check: Check, holds: Callable[[], bool]) -> bool:
        """The answer of a check. Raises :class:`~fmn.matching.compiler.OutOfTimeError`."""
        if self._clock() > self._ends_at:
            raise OutOfTimeError
        return holds()


class Patience:
    """A meter that asks a check only as long as there's time and somebody waits.

    ``nobody_waits`` is asked each time, so it has to be quick. It's infinite until it's told when it ends.
    """

    def __init__(self, nobody_waits: NobodyWaits = lambda: False) -> None:
        self.ends_at = math.inf
        self._nobody_waits = nobody_waits

    def end_in(self, seconds: float) -> None:
        """Let there be so many seconds from now on."""
        self.ends_at = perf_counter() + seconds

    def check(self) -> None:
        """Raise :class:`OutOfTimeError` when time is up, or :class:`NobodyWaitsError`."""
        if perf_counter() > self.ends_at:
            raise OutOfTimeError
        if self._nobody_waits():
            raise NobodyWaitsError

    def ask(self, check: Check, holds: Callable[[], bool]) -> bool:
        """The answer of a check. Raises what :meth:`check` does."""
        self.check()
        return holds()
