"""Waiting for what another thread or process does, without sleeping longer than it takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

#: Seconds between two looks: short beside anything waited for, long beside the look.
PAUSE = 0.01

Found = TypeVar("Found")


def wait_until(condition: Callable[[], Found], timeout: float, message: str) -> Found:
    """Call ``condition`` until what it returns is true, and return that.

    Raises :class:`TimeoutError` with ``message`` if it isn't within ``timeout`` seconds.
    """
    deadline = time.monotonic() + timeout
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout:g} s in vain: {message}")
        time.sleep(PAUSE)
    return found
