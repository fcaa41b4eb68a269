"""Random delays where tests wait, servers start and stop, threads begin and browsers act.

A plugin of pytest for ``make test-delayed SEED=7``: it finds tests that depend on who comes first, which fail
now and then on a busy machine. The same seed delays the same calls of each process.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from functools import wraps
from threading import Thread
from typing import Any, Final

import pytest
from playwright.sync_api import Keyboard, Locator, Page

from tests.servers import waiting
from tests.servers.server import Server

#: What is delayed: the part of its calls, and the most seconds.
DELAYED: Final = (
    (waiting, ("wait_until",), 0.3, 2.5),
    (Server, ("start", "stop", "kill"), 0.5, 5.0),
    (Thread, ("start",), 0.2, 0.4),
    (Page, ("goto", "reload"), 0.3, 1.5),
    (Locator, ("click", "fill", "check", "press", "select_option"), 0.3, 1.5),
    (Keyboard, ("press", "type"), 0.3, 1.5),
)


class Delays:
    """Delays of calls, drawn from a seed."""

    def __init__(self, seed: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._chance = random.Random(seed)
        self._sleep = sleep

    def add(self, owner: Any, name: str, part: float, longest: float) -> None:
        """Let ``part`` of the calls of a function return later, by ``longest`` seconds at most."""
        called = getattr(owner, name)

        @wraps(called)
        def late(*arguments: Any, **options: Any) -> Any:
            returned = called(*arguments, **options)
            if self._chance.random() < part:
                self._sleep(self._chance.uniform(0, longest))
            return returned

        setattr(owner, name, late)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Delay calls, before a test or a fixture is imported that has the functions by their names."""
    delays = Delays(f"{os.environ.get('DELAYS', '')} {os.environ.get('PYTEST_XDIST_WORKER', '')}")
    for owner, names, part, longest in DELAYED:
        for name in names:
            delays.add(owner, name, part, longest)
