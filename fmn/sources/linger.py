"""Linger of batches: how long a source waits for more messages once it has the first one of a batch."""

from __future__ import annotations

import math
import time
from collections.abc import Callable


class Linger:
    """Linger that adapts to the load: there's a pause between two batches, rather than in each.

    A message that comes alone goes on at once. Under load, messages gather until the pause after the batch
    before is over. So there are never more batches a second than if each of them waited.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """``seconds`` is the pause."""
        self._seconds, self._clock = seconds, clock
        self._last = -math.inf

    def remaining(self) -> float:
        """Seconds that the current batch may still wait for messages; 0 if it's due."""
        return max(0.0, self._last + self._seconds - self._clock())

    def end(self) -> None:
        """End the current batch: the pause begins."""
        self._last = self._clock()
