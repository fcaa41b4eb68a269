"""Unsent lines of interrupted deliveries."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import Final

#: Deliveries that are remembered: a connection breaks amid one at a time, and few leave while they're told.
MOST: Final = 200


class UnsentLines:
    """Lines of interrupted deliveries that the server hasn't acknowledged.

    Threads may share it. It's kept by this process alone, for the last :data:`MOST` of them.
    """

    def __init__(self) -> None:
        self._lines: OrderedDict[str, Sequence[str]] = OrderedDict()
        self._lock = Lock()

    def of(self, key: str) -> Sequence[str]:
        """Unsent lines of the delivery with this key; none if it wasn't interrupted, or isn't remembered."""
        with self._lock:
            return self._lines.get(key, ())

    def note(self, key: str, left: Sequence[str]) -> None:
        """Store the unsent lines of a delivery; none if all are sent."""
        with self._lock:
            self._lines.pop(key, None)
            if left:
                self._lines[key] = left
            if len(self._lines) > MOST:
                self._lines.popitem(last=False)
