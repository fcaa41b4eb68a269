"""What one message and one notification cost, part by part: time of processors, and room on disks.

FMN's rooms work here in one process, on messages as a bus brings them, with a private PostgreSQL (which waits
for the disk, as it does by default) and a mail server that throws everything away. Times are those that
processors were busy, of this process and of PostgreSQL's, so they hardly depend on what else the machine
does. :mod:`benchmarks.scaling` reckons with them.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

# What follows is found only now, when this runs as a script.
from sqlalchemy import text  # noqa: E402

from benchmarks.discarding_mail_server import Sink  # noqa: E402
from benchmarks.end_to_end import told_at_once  # noqa: E402
from benchmarks.postgresql_usage import busy_seconds, log_position  # noqa: E402
from benchmarks.reporting import Measurement, print_measurements, write  # noqa: E402
from fmn.catalog import Message  # noqa: E402
from fmn.infra.db import Database  # noqa: E402
from fmn.infra.logs import configure_logging  # noqa: E402
from fmn.ledger.messages import store  # noqa: E402
from fmn.settings import LogSettings, load_settings  # noqa: E402
from fmn.sources.fedmsg.parser import MessageParser  # noqa: E402
from fmn.wiring import Services  # noqa: E402
from tests.servers.postgresql import PostgreSQL  # noqa: E402
from tests.servers.rabbitmq import RabbitMQ  # noqa: E402
from tests.servers.redis import RedisServer  # noqa: E402
from tests.system.bus import Bus  # noqa: E402
from tests.system.events import make_events  # noqa: E402
from tests.system.installation import Installation, SharedServers  # noqa: E402
from tests.system.population import Crowd, make_crowd  # noqa: E402

PEOPLE: Final = 500
#: Messages of each kind: those that concern somebody, and those that concern nobody.
MESSAGES: Final = 3_000
#: Of either kind, before anything is measured.
WARM_UP: Final = 100
#: Messages that come alone, which tell what a batch costs whatever its size.
ALONE: Final = 300
#: Messages, and mails, that are handed on together.
BATCH: Final = 100
CHUNK: Final = 64
MICROSECONDS: Final = 1e6


Item = TypeVar("Item")


class Spent(NamedTuple):
    """What some work took: seconds of processors here and in PostgreSQL, and bytes of its log."""

    here: float
    database: float
    log: float


def main() -> int:
    """Measure, print and keep the figures."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    chance = random.Random(1)
    crowd = told_at_once(make_crowd(PEOPLE, chance))
    with ExitStack() as running:
        directory = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="fmn-benchmark-")))
        directory.chmod(0o755)  # PostgreSQL runs as somebody else
        postgresql = running.enter_context(PostgreSQL(directory / "postgresql", durable=True))
        sink = running.enter_context(Sink())
        bus = running.enter_context(Bus(directory, publishers=1))
        # Tasks and a shared cache would be other processes' doing; here the rooms call each other.
        around = SharedServers(
            postgresql.create_database(), RabbitMQ(directory / "rabbitmq"), RedisServer(directory / "redis"),
            sink)
        installation = Installation(
            directory, around, bus, crowd, {"fmn.broker.url": "memory://", "fmn.cache.url": "memory://"})
        installation.prepare()
        # As a process in production logs, to a file.
        log = running.enter_context((directory / "log").open("w"))
        configure_logging(LogSettings(format="json"), log)
        services = Services(load_settings(directory / "fmn.ini"))
        with closing(services.backend):
            measurements = list(_measure(services, bus, crowd, chance))
    print_measurements(measurements)
    print(f"\nKept in {write('costs', measurements)}")
    return 0


def _strangers(crowd: Crowd) -> Crowd:
    """People whom nobody here knows, with packages that nobody here has."""
    return replace(
        crowd, people=[replace(person, nick=f"un{person.nick}") for person in crowd.people],
        committers={f"un{package}": () for package in crowd.packages}, watchers={}, groups={})


def _measure(services: Services, bus: Bus, crowd: Crowd, chance: random.Random) -> Iterator[Measurement]:
    message_parser = MessageParser.from_settings(services.settings.bus)
    for count in (WARM_UP, MESSAGES):
        some, none = (
            [bus.sign(event.topic, event.msg)[1] for event in make_events(people, count, chance)]
            for people in (crowd, _strangers(crowd)))
        measured = list(_go_all_the_way(services, message_parser, some, none))
    yield from measured
    frames = [bus.sign(event.topic, event.msg)[1] for event in make_events(_strangers(crowd), ALONE, chance)]
    yield from _one_by_one(services, [message_parser.parse(each) for each in frames])


def _go_all_the_way(
    services: Services, message_parser: MessageParser, some: Sequence[list[bytes]],
    none: Sequence[list[bytes]],
) -> Iterator[Measurement]:
    database, matcher, backend = services.database, services.batch_matcher, services.backend
    messages: list[Message] = []
    ids: list[list[int]] = []
    deliveries: list[int] = []

    def read(frames: Sequence[list[bytes]]) -> None:
        messages[:] = [message_parser.parse(each) for each in frames]

    def keep() -> None:
        ids[:] = [_stored(database, batch) for batch in _parts(messages, BATCH)]

    def match() -> None:
        for batch in ids:
            matcher.match(batch, lambda sent: deliveries.extend(sent.get("email", ())))

    def deliver() -> None:
        for chunk in _parts(deliveries, CHUNK):
            backend.deliver("email", chunk)

    before = _sizes(database)
    read(none)
    keep()
    nobody = _spent(database, match)
    assert not deliveries, "somebody is concerned by what strangers do"
    read_some = _spent(database, lambda: read(some))
    kept = _spent(database, keep)
    between = _sizes(database)
    matched = _spent(database, match)
    told = len(deliveries)
    delivered = _spent(database, deliver)
    after = _sizes(database)

    count = len(some)
    deciding = Spent(*(max(0.0, all_of - share) for all_of, share in zip(matched, nobody, strict=True)))
    yield from _per("message", "read and verified", read_some, count)
    yield from _per("message", "stored", kept, count)
    yield from _per("message", "matched", nobody, count)
    yield from _per("notification", "recorded", deciding, told)
    yield from _per("notification", "mailed", delivered, told)
    yield Measurement("notifications of a message", told / count, "")
    yield Measurement("a message on disk", (between["messages"] - before["messages"]) / 2 / count, "bytes")
    grown = sum(after[table] - between[table] for table in ("notifications", "deliveries"))
    yield Measurement("a notification on disk", grown / told, "bytes")


def _one_by_one(services: Services, messages: Sequence[Message]) -> Iterator[Measurement]:
    """Store and match messages that come alone and concern nobody: nearly all of it is a batch's own cost."""
    ids: list[list[int]] = []

    def keep() -> None:
        ids[:] = [_stored(services.database, [message]) for message in messages]

    def match() -> None:
        for each in ids:
            services.batch_matcher.match(each, lambda _sent: None)

    yield from _per("message alone", "stored", _spent(services.database, keep), len(messages))
    yield from _per("message alone", "matched", _spent(services.database, match), len(messages))


def _parts(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    return (items[first:first + size] for first in range(0, len(items), size))


def _stored(database: Database, messages: Sequence[Message]) -> list[int]:
    with database.transaction() as session:
        return store(session, messages, datetime.now(UTC))


def _spent(database: Database, work: Callable[[], None]) -> Spent:
    here, there, log = time.process_time(), busy_seconds(database), log_position(database)
    work()
    return Spent(time.process_time() - here, busy_seconds(database) - there, log_position(database) - log)


def _per(one: str, what: str, spent: Spent, count: int) -> Iterator[Measurement]:
    yield Measurement(f"{one} {what}, FMN", spent.here / count * MICROSECONDS, "µs")
    yield Measurement(f"{one} {what}, PostgreSQL", spent.database / count * MICROSECONDS, "µs")
    yield Measurement(f"{one} {what}, PostgreSQL's log", spent.log / count, "bytes")


def _sizes(database: Database) -> Mapping[str, int]:
    """Bytes that tables and their indexes take."""
    with database.reading() as session:
        return {
            table: session.execute(text(f"SELECT pg_total_relation_size('{table}')")).scalar_one()
            for table in ("messages", "notifications", "deliveries")}


if __name__ == "__main__":
    sys.exit(main())
