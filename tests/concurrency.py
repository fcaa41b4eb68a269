"""Doing things at the same time, and waiting until one of them waits for another."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from sqlalchemy import text

from fmn.infra.db import Database
from tests.servers.waiting import wait_until

Result = TypeVar("Result")

#: Seconds within which a statement of ours reaches the lock that it waits for.
SOON = 10


def at_once(count: int, act: Callable[[int], Result]) -> list[Result]:
    """Call ``act`` with 0, 1, … in ``count`` threads that begin together; returns what each returned."""
    start = Barrier(count)

    def begin(number: int) -> Result:
        start.wait()
        return act(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))


def wait_until_waiting(database: Database, count: int = 1) -> None:
    """Return when ``count`` transactions on a PostgreSQL database wait for another one's lock."""
    waiting = text("SELECT count(*) FROM pg_stat_activity"
                   " WHERE datname = current_database() AND wait_event_type = 'Lock'")

    def enough_wait() -> bool:
        with database.engine.connect() as connection:
            return bool(connection.scalar(waiting) == count)

    wait_until(enough_wait, SOON, f"fewer than {count} wait for a lock")
