"""Whether retention keeps up with the traffic, on a PostgreSQL whose ledger is as old as it gets.

Deliveries are 90 days old at most, messages and notifications 14. Then days go by: each adds its
notifications and has FMN delete as many. Measured are what deleting takes of each notification, with all that
belongs to it, in time and on processors; how the tables grow while autovacuum follows; and how long a
transaction that adds a message takes, alone and beside the deletion.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Final

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

# What follows is found only now, when this runs as a script.
from sqlalchemy import text  # noqa: E402

from benchmarks.history_filler import (  # noqa: E402
    A_DAY,
    OF_A_MESSAGE,
    TABLES,
    add_days,
    add_message,
    make_people,
    trust_keys,
    without_indexes,
)
from benchmarks.postgresql_usage import busy_seconds, log_position  # noqa: E402
from benchmarks.reporting import Measurement, print_measurements, write  # noqa: E402
from fmn.administration.retention import delete_expired  # noqa: E402
from fmn.infra import migrations  # noqa: E402
from fmn.infra.db import Database  # noqa: E402
from fmn.settings import HistorySettings  # noqa: E402
from tests.servers.postgresql import PostgreSQL  # noqa: E402

SETTINGS: Final = HistorySettings()
#: Notifications a day and days that go by.
DAILY, DAYS = 5_000, 20
#: Notifications a second that retention has to keep up with.
GOAL: Final = 100
#: Seconds for which the hot path is measured by itself, and days that are deleted beside it.
ALONE_SECONDS: Final = 10.0
DAYS_BESIDE: Final = 5


def main() -> int:
    """Measure, print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--daily", type=int, default=DAILY, help="notifications a day (%(default)s)")
    parser.add_argument("--days", type=int, default=DAYS, help="days that go by (%(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fmn-benchmark-") as name:
        directory = Path(name)
        directory.chmod(0o755)  # PostgreSQL runs as somebody else
        with PostgreSQL(directory / "postgresql", durable=True) as server:
            database = Database(server.create_database())
            try:
                measurements = list(_measure(database, options.daily, options.days))
            finally:
                database.close()
    print_measurements(measurements)
    print(f"\nKept in {write('retention', measurements)}")
    return 0


def _measure(database: Database, daily: int, days: int) -> Iterator[Measurement]:
    epoch = datetime.now(UTC) - (SETTINGS.delivery_days + days) * A_DAY
    _fill(database, daily, epoch)
    yield from _sizes(database, "at first")
    taken: list[float] = []
    busy: list[float] = []
    log: list[float] = []
    for passed in range(1, days):
        day = SETTINGS.delivery_days + passed - 1
        _add(database, range(day, day + 1), daily, epoch)
        before = time.perf_counter(), busy_seconds(database), log_position(database)
        delete_expired(database, SETTINGS, epoch + (day + 1) * A_DAY)
        after = time.perf_counter(), busy_seconds(database), log_position(database)
        for kept, begun, ended in zip((taken, busy, log), before, after, strict=True):
            kept.append((ended - begun) / daily)
        if passed in (days // 2, days - 1):
            yield from _sizes(database, f"after {passed} days")
    goal = Measurement("notifications a second to keep up with", GOAL, "1/s")
    yield goal
    yield Measurement("notifications a second deleted, with all that belongs to them",
                      1 / statistics.median(taken), "1/s").compared_with(goal)
    yield Measurement("a notification deleted, PostgreSQL", statistics.median(busy) * 1e6, "µs")
    yield Measurement("a notification deleted, PostgreSQL's log", statistics.median(log), "bytes")
    yield from _latency(database, SETTINGS.delivery_days + days - 1, daily, epoch)


def _fill(database: Database, daily: int, epoch: datetime) -> None:
    migrations.upgrade(database)
    # Days pass in seconds here, so autovacuum looks and works as many times as often.
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for setting in ("autovacuum_naptime = '1s'", "autovacuum_vacuum_cost_delay = 0"):
            connection.execute(text(f"ALTER SYSTEM SET {setting}"))
        connection.execute(text("SELECT pg_reload_conf()"))
    old = SETTINGS.delivery_days - SETTINGS.days
    with without_indexes(database), database.transaction() as session:
        make_people(session, epoch)
        trust_keys(session)
        add_days(session, range(old), daily, epoch, notified=False)
        add_days(session, range(old, SETTINGS.delivery_days), daily, epoch)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _add(database: Database, days: range, daily: int, epoch: datetime) -> None:
    with database.transaction() as session:
        trust_keys(session)
        add_days(session, days, daily, epoch)


def _sizes(database: Database, when: str) -> Iterator[Measurement]:
    with database.reading() as session:
        for table in TABLES:
            size: int = session.execute(text(f"SELECT pg_total_relation_size('{table}')")).scalar_one()
            yield Measurement(f"{table} on disk, {when}", size / 2**20, "MiB")


def _latency(database: Database, day: int, daily: int, epoch: datetime) -> Iterator[Measurement]:
    """Transactions that add a message with its notifications, at the goal's pace."""
    end = day + DAYS_BESIDE
    _add(database, range(day, end), daily, epoch)
    now = epoch + end * A_DAY
    with _adding(database, now, first=end * daily) as alone:
        time.sleep(ALONE_SECONDS)
    with _adding(database, now, first=(end + DAYS_BESIDE) * daily) as beside:
        delete_expired(database, SETTINGS, now)
    for share, name in ((50, "median"), (99, "99th percentile")):
        quiet, busy = (
            Measurement(f"a message added {where}, {name}", _percentile(times, share) * 1000, "ms")
            for where, times in (("alone", alone), ("beside deletion", beside)))
        yield quiet
        yield busy.compared_with(quiet)


@contextmanager
def _adding(database: Database, now: datetime, *, first: int) -> Iterator[list[float]]:
    times: list[float] = []
    ended = Event()

    def add() -> None:
        number, due = first, time.perf_counter()
        while not ended.is_set():
            begun = time.perf_counter()
            with database.transaction() as session:
                add_message(session, number, now)
            times.append(time.perf_counter() - begun)
            number += OF_A_MESSAGE
            due += OF_A_MESSAGE / GOAL
            ended.wait(max(0.0, due - time.perf_counter()))

    thread = Thread(target=add)
    thread.start()
    try:
        yield times
    finally:
        ended.set()
        thread.join()


def _percentile(times: list[float], share: int) -> float:
    return sorted(times)[min(len(times) - 1, len(times) * share // 100)]


if __name__ == "__main__":
    sys.exit(main())
