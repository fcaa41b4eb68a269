"""Who isn't asked again so soon: who kept us waiting in vain, or asked for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

#: Seconds for which somebody who didn't answer in time isn't asked again.
COOLDOWN_SECONDS: Final = 60.0


class Cooldown:
    """Remembers who is left alone for a while. Threads may share it.

    One who doesn't answer would hold up all others, and one who has too much to do would have more.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._until: dict[str, float] = {}

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._until)

    def is_active(self, who: str) -> bool:
        """Whether they're to be left alone still."""
        return self._now() < self._until.get(who, 0.0)

    def start(self, who: str, seconds: float = COOLDOWN_SECONDS) -> None:
        """Leave them alone for so many seconds: they didn't answer in time, or said so."""
        now = self._now()
        self._until = {each: until for each, until in self._until.items() if now < until}
        self._until[who] = now + seconds
