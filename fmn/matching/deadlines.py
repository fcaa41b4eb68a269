"""Time limits on evaluation: by CPU time, by a deadline, or until the client has gone."""

from __future__ import annotations

import math
from collections.abc import Callable
from time import perf_counter, thread_time
from typing import Final

from fmn.filters.conditions import CheckCondition
from fmn.matching.compiler import EvaluationStoppedError, EvaluationTimeoutError

#: CPU seconds for explaining of one message what all of a person's filters say. Mostly it's a millisecond.
EXPLANATION_CPU_SECONDS: Final = 2.0
#: Whether nobody waits for the answer any more.
IsAbandoned = Callable[[], bool]


class RequestAbandonedError(EvaluationStoppedError):
    """The client has gone, or has sent another request meanwhile."""


class CpuTimeLimit:
    """Meter that limits the thread's CPU seconds, whatever else the machine does."""

    def __init__(self, seconds: float, clock: Callable[[], float] = thread_time) -> None:
        self._clock = clock
        self._ends_at = clock() + seconds

    def evaluate(self, check: CheckCondition, holds: Callable[[], bool]) -> bool:
        """The answer of a check. Raises :class:`~fmn.matching.compiler.EvaluationTimeoutError`."""
        if self._clock() > self._ends_at:
            raise EvaluationTimeoutError
        return holds()


class Deadline:
    """Meter that stops at a deadline, or when the client has gone.

    ``is_abandoned`` is called before each check, so it has to be quick. There's no deadline until
    :meth:`end_in`.
    """

    def __init__(self, is_abandoned: IsAbandoned = lambda: False) -> None:
        self.ends_at = math.inf
        self._is_abandoned = is_abandoned

    def end_in(self, seconds: float) -> None:
        """Set the deadline, in seconds from now."""
        self.ends_at = perf_counter() + seconds

    def check(self) -> None:
        """Raise :class:`EvaluationTimeoutError` when time is up, or :class:`RequestAbandonedError`."""
        if perf_counter() > self.ends_at:
            raise EvaluationTimeoutError
        if self._is_abandoned():
            raise RequestAbandonedError

    def evaluate(self, check: CheckCondition, holds: Callable[[], bool]) -> bool:
        """The answer of a check. Raises what :meth:`check` does."""
        self.check()
        return holds()
