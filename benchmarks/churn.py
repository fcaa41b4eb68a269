"""How many messages a second are matched, and how long one waits, while people change their preferences.

One worker with two threads on a PostgreSQL of its own, which waits for the disk; some of the messages
concern everybody, 10,000 people. Somebody else changes a preference of any of them, so and so often a second.
First a backlog is matched, which gives the rate; then messages come at a steady pace, which gives the wait.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path

import structlog
from sqlalchemy import insert, select

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

# What follows is found only now, when this runs as a script.
from benchmarks.reporting import Measurement, print_measurements, write  # noqa: E402
from fmn.catalog import Message, catalog  # noqa: E402
from fmn.directory import open_directory  # noqa: E402
from fmn.filters.expressions import Rule  # noqa: E402
from fmn.filters.interning import intern_expression  # noqa: E402
from fmn.filters.models import Filter  # noqa: E402
from fmn.filters.rule_types import rule_types  # noqa: E402
from fmn.infra.cache import MemoryCache  # noqa: E402
from fmn.infra.clock import utc_now  # noqa: E402
from fmn.infra.db import Database  # noqa: E402
from fmn.ledger.messages import store  # noqa: E402
from fmn.matching.batch_matcher import BatchMatcher  # noqa: E402
from fmn.people.models import DetailValue, Preference, User  # noqa: E402
from fmn.people.preferences import set_enabled  # noqa: E402
from fmn.settings import AutocreateSettings, DirectorySettings, FloodSettings  # noqa: E402
from tests.factories.databases import tables_in  # noqa: E402
from tests.servers.postgresql import PostgreSQL  # noqa: E402

PEOPLE = 10_000
CHANGES = (0, 1, 10, 100)
#: The backlog, and how many of it concern everybody.
BACKLOG, TO_ALL = 600, 6
#: Messages a second and for how many seconds when it's the wait that counts; each so-and-so-manieth to all.
PACE, SECONDS, EVERY = 10, 30, 60
#: Messages in a task, as the consumer sends them.
BATCH = 100
#: Threads that match, in one process.
THREADS = 2
#: The package that everybody follows; each also follows another one, of so many.
EVERYBODYS, PACKAGES = "glibc", 500


def main() -> int:
    """Measure, print and keep the figures."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory(prefix="fmn-benchmark-") as folder:
        directory = Path(folder)
        directory.chmod(0o755)  # PostgreSQL runs as somebody else
        with PostgreSQL(directory / "postgresql", durable=True) as server:
            measurements = list(_measurements(server))
    print_measurements(measurements)
    write("churn", measurements)
    return 0


def _measurements(server: PostgreSQL) -> Iterator[Measurement]:
    undisturbed: Measurement | None = None
    for changes in CHANGES:
        url = server.create_database()
        with tables_in(url) as database:
            _settle(database)
            _match_backlog(database, 2 * BATCH, 1)  # plans, caches, connections
            with _changing(url, changes) as changed:
                began = time.monotonic()
                took = _match_backlog(database, BACKLOG, TO_ALL)
                wait = _longest_wait(database)
                reached = changed() / (time.monotonic() - began)
        rate = Measurement(f"messages/s with {changes} changes/s", BACKLOG / took, "messages/s")
        undisturbed = undisturbed or rate
        yield rate.compared_with(undisturbed)
        yield Measurement(f"longest wait with {changes} changes/s", wait, "s")
        if changes:
            yield Measurement(f"changes of the {changes} changes/s that were made", reached, "changes/s")
        server.drop_database(url)


def _settle(database: Database) -> None:
    """Make the people: one address, everything at once, everybody's package and their own."""
    with database.transaction() as session:
        session.execute(insert(User), [{"nick": f"user{number}"} for number in range(PEOPLE)])
        user_ids = session.scalars(select(User.id).order_by(User.id)).all()
        session.execute(insert(Preference), [{"user_id": each, "context": "email"} for each in user_ids])
        preference_ids = session.scalars(select(Preference.id).order_by(Preference.user_id)).all()
        session.execute(insert(DetailValue), [
            {"preference_id": each, "value": f"user{each}@example.org", "confirmed_at": utc_now()}
            for each in preference_ids])
        following = [
            intern_expression(session, Rule.of("package_filter", {"package": package}))
            for package in (EVERYBODYS, *_packages(PACKAGES))]
        session.execute(insert(Filter), [
            {"preference_id": each, "expression_id": expression_id, "position": position, "name": "package"}
            for number, each in enumerate(preference_ids)
            for position, expression_id in enumerate([following[0], following[1 + number % PACKAGES]])
        ])


def _packages(count: int) -> list[str]:
    """So many packages, each of which is followed by a few people."""
    return [f"package{number % PACKAGES}" for number in range(count)]


def _stored(database: Database, packages: Sequence[str]) -> list[int]:
    """Take in a message about each package."""
    topic, now = "org.fedoraproject.prod.git.lookaside.new", utc_now()
    with database.transaction() as session:
        return store(session, [
            Message(f"2026-{random.getrandbits(64):x}", topic, now, {
                "agent": "mary", "name": package, "filename": "k.tar.xz", "md5sum": "0"})
            for package in packages
        ], now)


def _matcher(database: Database) -> BatchMatcher:
    return BatchMatcher(
        database, catalog(), rule_types(), open_directory(DirectorySettings(), MemoryCache()),
        AutocreateSettings(), FloodSettings())


def _match_backlog(database: Database, count: int, to_all: int) -> float:
    """Seconds that a backlog takes."""
    packages = _packages(count)
    for number in range(to_all):
        packages[number * count // to_all] = EVERYBODYS
    batches = [_stored(database, packages[start:start + BATCH]) for start in range(0, count, BATCH)]
    matcher = _matcher(database)
    matcher.match([], _nothing)
    began = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda batch: matcher.match(batch, _nothing), batches))
    return time.monotonic() - began


def _longest_wait(database: Database) -> float:
    """Seconds from when a message was stored until it was matched, of the one for which that was longest."""
    matcher = _matcher(database)
    matcher.match([], _nothing)

    def match(ids: Sequence[int], since: float) -> float:
        matcher.match(ids, _nothing)
        return time.monotonic() - since

    packages = _packages(PACE * SECONDS)
    packages[EVERY - 1::EVERY] = [EVERYBODYS] * (len(packages) // EVERY)
    waits: list[Future[float]] = []
    begin = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        for number in range(PACE * SECONDS):
            time.sleep(max(0.0, begin + number / PACE - time.monotonic()))
            ids = _stored(database, [packages[number]])
            waits.append(pool.submit(match, ids, time.monotonic()))
        return max(wait.result() for wait in waits)


def _nothing(_deliveries: object) -> None:
    """Backends aren't part of it."""


@contextmanager
def _changing(url: str, per_second: int) -> Iterator[Callable[[], int]]:
    """Have preferences change in another process; yields what says how many have."""
    context = get_context("spawn")
    stop, made = context.Event(), context.Value("q", 0)
    process = context.Process(target=_change, args=(url, per_second, stop, made))
    process.start()
    try:
        yield lambda: made.value
    finally:
        stop.set()
        process.join()


def _change(url: str, per_second: int, stop: Event, made: Synchronized[int]) -> None:
    """Switch anybody's e-mail off or on, so and so often a second."""
    database, chance = Database(url), random.Random(1)
    with database.reading() as session:
        preference_ids = session.scalars(select(Preference.id)).all()
    begin = time.monotonic()
    while per_second and not stop.wait(max(0.0, begin + made.value / per_second - time.monotonic())):
        with database.transaction() as session:
            preference = session.get_one(Preference, chance.choice(preference_ids))
            set_enabled(session, preference, on=not preference.enabled)
        made.value += 1
    database.close()


if __name__ == "__main__":
    sys.exit(main())
