"""A clock that stands still until it's turned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.factories.messages import NOON


@dataclass
class Clock:
    """Says the time when it's called."""

    time: datetime = NOON

    def __call__(self) -> datetime:
        return self.time

    def turn(self, *, seconds: float = 0, minutes: float = 0, days: float = 0) -> None:
        """Let time pass."""
        self.time += timedelta(days=days, minutes=minutes, seconds=seconds)
