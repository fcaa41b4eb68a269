"""Rate limit of replies to each sender."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable


class ReplyRateLimiter:
    """Rate limiter of replies: for each sender ``burst`` at once, then one per interval.

    Remembers those who asked last, ``most`` of them.
    """

    def __init__(
        self, burst: int, seconds: float, most: int = 1_000, clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._burst = burst
        self._seconds = seconds
        self._most = most
        self._clock = clock
        #: When each has everything back.
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def allows(self, who: str = "") -> bool:
        """Whether a sender may have another reply, which counts."""
        now = self._clock()
        full_at = max(self._full_at.pop(who, now), now)
        may = full_at - now <= (self._burst - 1) * self._seconds
        self._full_at[who] = full_at + self._seconds if may else full_at
        if len(self._full_at) > self._most:
            self._full_at.popitem(last=False)
        return may
