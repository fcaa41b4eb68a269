"""What is left to be said of deliveries that broke off."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import Final

#: Deliveries that are remembered: a connection breaks amid one at a time, and few leave while they're told.
MOST: Final = 200


class UnsentLines:
    """The lines of deliveries that the server hasn't taken yet, of those that it has taken some of.

    Threads may share it. It's kept by this process alone, for the last :data:`MOST` of them.
    """

    def __init__(self) -> None:
        self._lines: OrderedDict[str, Sequence[str]] = OrderedDict()
        self._lock = Lock()

    def of(self, key: str) -> Sequence[str]:
        """What's left of the delivery with this key; nothing if it never broke off, or nobody remembers."""
        with self._lock:
            return self._lines.get(key, ())

    def note(self, key: str, left: Sequence[str]) -> None:
        """So much is left of a delivery; nothing if all is said."""
        with self._lock:
            self._lines.pop(key, None)
            if left:
                self._lines[key] = left
            if len(self._lines) > MOST:
                self._lines.popitem(last=False)
