"""Whom nobody waits for again so soon: who kept us waiting in vain."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

#: Seconds for which somebody who didn't answer in time isn't asked again.
SILENCE: Final = 60.0


class Silences:
    """Remembers who didn't answer, so that one of them doesn't hold up all others. Threads may share it."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._until: dict[str, float] = {}

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._until)

    def is_silent(self, who: str) -> bool:
        """Whether they didn't answer a moment ago."""
        return self._now() < self._until.get(who, 0.0)

    def note(self, who: str) -> None:
        """They didn't answer in time."""
        now = self._now()
        self._until = {each: until for each, until in self._until.items() if now < until}
        self._until[who] = now + SILENCE
