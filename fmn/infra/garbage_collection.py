"""Garbage collection of a process that has been started."""

from __future__ import annotations

import gc
from typing import Final

#: New objects between two collections. Python's default of 700 would search for garbage again and again.
THRESHOLD: Final = 50_000


def exempt_imports() -> None:
    """Exempt all objects so far, which live as long as the process, from collections."""
    gc.freeze()
    gc.set_threshold(THRESHOLD)
