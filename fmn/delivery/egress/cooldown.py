"""Cool-down list: destinations that timed out or sent Retry-After are skipped until their time is up."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

#: Seconds for which somebody who didn't answer in time isn't asked again.
COOLDOWN_SECONDS: Final = 60.0


class Cooldown:
    """Destinations in cool-down, and until when. Threads may share it.

    One who doesn't answer would hold up all others, and one who has too much to do would have more.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._until: dict[str, float] = {}

    def __len__(self) -> int:
        """Number of destinations."""
        return len(self._until)

    def is_active(self, who: str) -> bool:
        """Whether a destination is still in cool-down."""
        return self._now() < self._until.get(who, 0.0)

    def start(self, who: str, seconds: float = COOLDOWN_SECONDS) -> None:
        """Put a destination into cool-down for so many seconds."""
        now = self._now()
        self._until = {each: until for each, until in self._until.items() if now < until}
        self._until[who] = now + seconds
