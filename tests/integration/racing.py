"""Doing things at the same time, and waiting until one of them waits for another."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from sqlalchemy import text

from fmn.db import Database
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


def wait_until_one_waits(database: Database) -> None:
    """Return when a transaction on a PostgreSQL database waits for another one's lock."""
    waiting = text("SELECT count(*) FROM pg_stat_activity"
                   " WHERE datname = current_database() AND wait_event_type = 'Lock'")

    def one_waits() -> bool:
        with database.engine.connect() as connection:
            return bool(connection.scalar(waiting))

    wait_until(one_waits, SOON, "nobody waits for a lock")
