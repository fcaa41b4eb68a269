"""Retry policy: exponential backoff with jitter. Pure but for the randomness."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class RetryPolicy:
    """Exponential backoff from ``first`` up to ``longest``; gives up after ``give_up``."""

    first: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(hours=6)
    give_up: timedelta = timedelta(days=5)

    def next_attempt(
        self, attempts: int, created_at: datetime, now: datetime, asked: timedelta = timedelta(),
    ) -> datetime | None:
        """Time of the next attempt after ``attempts`` failed ones; ``None`` to give up.

        Not before as long as was ``asked`` for, unless that's longer than ``longest``. A fifth more or less,
        or more if one was asked to wait, keeps by chance what failed together from returning together.
        """
        if now - created_at >= self.give_up:
            return None
        # Doubling stops before the number gets out of hand.
        wait = self.first * min(2.0 ** min(attempts - 1, 100), self.longest / self.first)
        chance = random.uniform(0.8, 1.2)  # noqa: S311 - no secret depends on it
        return now + max(wait * chance, min(asked, self.longest) * (0.2 + chance))
