"""Waiting for what another thread or process does, without sleeping longer than it takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

#: Seconds between two looks: at first short beside anything waited for, then a part of what was waited,
#: for looks cost the processes that are waited for some of their time.
SHORTEST, LONGEST, PART = 0.01, 0.1, 0.1

Found = TypeVar("Found")


def wait_until(condition: Callable[[], Found], timeout: float, message: str) -> Found:
    """Call ``condition`` until what it returns is true, and return that.

    Raises :class:`TimeoutError` with ``message`` if it isn't within ``timeout`` seconds.
    """
    began = time.monotonic()
    while not (found := condition()):
        if (waited := time.monotonic() - began) > timeout:
            raise TimeoutError(f"waited {timeout:g} s in vain: {message}")
        time.sleep(min(LONGEST, max(SHORTEST, waited * PART)))
    return found
