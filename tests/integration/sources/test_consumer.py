"""A consumer whose PostgreSQL goes away, or refuses something."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import select, text
from structlog.testing import capture_logs

from fmn.infra.clock import utc_now
from fmn.infra.db import Base, Database
from fmn.ledger.models import StoredMessage
from fmn.settings import BusSettings, SpoolSettings
from fmn.sources.consumer import Consumer
from fmn.sources.fedmsg.parser import MessageParser
from fmn.sources.spool.backlog import SPOOL_FILE, Backlog
from fmn.sources.spool.sqlite_spool import Spool
from tests.factories.buses import Frames, MemoryBus, frames_of
from tests.factories.consumers import fedmsg_consumer
from tests.factories.counters import counted
from tests.factories.databases import tables_in
from tests.factories.messages import make_message
from tests.servers.postgresql import PostgreSQL
from tests.servers.waiting import wait_until

INTAKE = MessageParser.from_settings(BusSettings(validate_signatures=False))
NO_SPOOL = SpoolSettings()


def consumer_of(
    database: Database, *batches: list[Frames], spool: SpoolSettings = NO_SPOOL,
) -> Consumer:
    return fedmsg_consumer(
        MemoryBus(*batches), INTAKE, database, lambda _ids: None, backlog=Backlog.from_settings(spool))


def stored_in(database: Database) -> list[str]:
    with database.transaction() as session:
        return list(session.scalars(select(StoredMessage.msg_id).order_by(StoredMessage.id)))


def in_spool(settings: SpoolSettings) -> int:
    with closing(Backlog.from_settings(settings)) as backlog:
        portion = backlog.peek()
        return len(portion.messages) if portion else 0


def ids_of(*numbers: int) -> list[str]:
    return [make_message(number).msg_id for number in numbers]


def test_keeps_messages_until_the_database_is_back(
    postgresql: PostgreSQL, postgresql_database: Database,
) -> None:
    # Given a database that goes away between two batches
    class Bus(MemoryBus):
        def batches(
            self, stop: Event, size: int = 100, wait_milliseconds: int = 50,
        ) -> Iterator[list[Frames]]:
            yield [frames_of(1)]
            postgresql.stop()
            away.set()
            yield [frames_of(2), frames_of(3)]
            yield [frames_of(4)]

    away = Event()
    consumer = fedmsg_consumer(Bus(), INTAKE, postgresql_database, lambda _ids: None)
    with ThreadPoolExecutor(1) as pool:
        try:
            consumption = pool.submit(consumer.run, Event())
            away.wait(30)
        finally:
            postgresql.start()
        consumption.result(timeout=30)
    # Then all are there, in the order of their arrival
    assert stored_in(postgresql_database) == ids_of(1, 2, 3, 4)


def test_stops_while_the_database_is_away(postgresql: PostgreSQL, postgresql_database: Database) -> None:
    stop = Event()
    try:
        postgresql.stop()
        with ThreadPoolExecutor(1) as pool:
            consumption = pool.submit(consumer_of(postgresql_database, [frames_of(1)]).run, stop)
            stop.set()
            consumption.result(timeout=10)
    finally:
        postgresql.start()
    assert stored_in(postgresql_database) == []


def test_what_waits_at_a_stop_is_stored_by_the_next_consumer(
    postgresql: PostgreSQL, postgresql_database: Database, tmp_path: Path,
) -> None:
    stop = Event()
    spool = SpoolSettings(directory=tmp_path / "spool")
    before = utc_now()
    try:
        # Given a consumer that is stopped while the database is away
        postgresql.stop()
        stopped = consumer_of(postgresql_database, [frames_of(1), frames_of(2)], [frames_of(3)], spool=spool)
        with ThreadPoolExecutor(1) as pool, capture_logs() as logs:
            consumption = pool.submit(stopped.run, stop)
            wait_until(lambda: in_spool(spool) == 3, 10, "not all is in the spool")
            stop.set()
            consumption.result(timeout=10)
    finally:
        postgresql.start()
    stopped_at = utc_now()
    assert "stopped with messages not stored" not in {line["event"] for line in logs}
    assert stored_in(postgresql_database) == []
    # When one is started beside a database that is back, then the ledger has all of it in order
    consumer_of(postgresql_database, [frames_of(4)], spool=spool).run(Event())
    assert stored_in(postgresql_database) == ids_of(1, 2, 3, 4)
    # And when it came is when it came, not when it was stored
    with postgresql_database.transaction() as session:
        received = list(session.scalars(select(StoredMessage.received_at).order_by(StoredMessage.id)))
    assert all(before <= came <= stopped_at for came in received[:3])
    assert received[3] > stopped_at


def test_a_database_that_hangs_does_not_keep_messages_from_the_spool(
    postgresql: PostgreSQL, postgresql_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fmn.sources.spool.spooling_writer.STORE_TIMEOUT", 0.2)
    monkeypatch.setattr("fmn.sources.spool.spooling_writer.STOP_TIMEOUT", 0.2)
    directory = tmp_path / "spool"
    consumer_of(postgresql_database, [frames_of(1)]).run(Event())
    # Given a database that neither answers nor refuses
    postgresql_database.close()
    stop = Event()
    with ThreadPoolExecutor(1) as pool, postgresql.frozen():
        hanging = consumer_of(
            postgresql_database, [frames_of(2)], [frames_of(3)], spool=SpoolSettings(directory=directory))
        consumption = pool.submit(hanging.run, stop)
        wait_until(lambda: waiting_in(directory) == 2, 10, "not everything is in the spool")
        # When the consumer is stopped, then it stops
        stop.set()
        consumption.result(timeout=10)
    # And the next one stores what neither did
    known = counted("fmn_messages_known")
    consumer_of(postgresql_database, spool=SpoolSettings(directory=directory)).run(Event())
    assert stored_in(postgresql_database) == ids_of(1, 2, 3)
    assert waiting_in(directory) == 0
    assert counted("fmn_messages_known") - known <= 1  # the one that hung, if it was stored after all


def test_what_a_database_stores_after_hanging_is_not_stored_again(
    postgresql: PostgreSQL, postgresql_database: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fmn.sources.spool.spooling_writer.STORE_TIMEOUT", 0.2)
    consumer_of(postgresql_database, [frames_of(1)]).run(Event())
    before = counted("fmn_messages_known")
    postgresql_database.close()
    ids: list[int] = []
    bus = MemoryBus([frames_of(2)], [frames_of(3)])
    hanging = fedmsg_consumer(bus, INTAKE, postgresql_database, ids.extend)
    with ThreadPoolExecutor(1) as pool:
        with postgresql.frozen(), capture_logs() as logs:
            consumption = pool.submit(hanging.run, Event())
            wait_until(lambda: "database doesn't answer, messages wait" in {
                line["event"] for line in logs}, 10, "it doesn't lose its patience")
        consumption.result(timeout=30)
    assert stored_in(postgresql_database) == ids_of(1, 2, 3)
    assert len(ids) == 2
    assert counted("fmn_messages_known") == before


def waiting_in(directory: Path) -> int:
    with closing(Spool(directory / SPOOL_FILE, 1)) as spool:
        return spool.messages


def test_two_consumers_may_share_a_spool(
    postgresql: PostgreSQL, postgresql_database: Database, tmp_path: Path,
) -> None:
    spool = SpoolSettings(directory=tmp_path / "spool")
    # Given two that hear the same while the database is away
    try:
        postgresql.stop()
        with ThreadPoolExecutor(2) as pool:
            running = [
                pool.submit(consumer_of(postgresql_database, *(
                    [frames_of(number)] for number in range(1, 6)), spool=spool).run, Event())
                for _ in range(2)]
            wait_until(lambda: waiting_in(tmp_path / "spool") == 5, 10, "not everything is in the spool")
            # When it's back
            postgresql.start()
            for consumption in running:
                consumption.result(timeout=30)
    finally:
        postgresql.start()
    # Then everything is there once and in order
    assert stored_in(postgresql_database) == ids_of(1, 2, 3, 4, 5)


def test_a_message_that_the_database_refuses_stops_no_other(postgresql_url: str) -> None:
    with tables_in(postgresql_url) as database:
        # Given a database that takes no lead
        with database.transaction() as session:
            session.execute(text("ALTER TABLE messages ADD CHECK (topic NOT LIKE '%.lead')"))
        # When lead comes among cakes
        lead = frames_of(2, topic="org.example.dev.oven.lead")
        consumer_of(database, [frames_of(1), lead, frames_of(3)]).run(Event())
        # Then the cakes are there
        assert stored_in(database) == ids_of(1, 3)


def test_waits_for_a_database_that_has_no_tables_yet(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    with ThreadPoolExecutor(1) as pool:
        consumption = pool.submit(consumer_of(database, [frames_of(1)]).run, Event())
        Base.metadata.create_all(database.engine)
        consumption.result(timeout=30)
    assert stored_in(database) == ids_of(1)
    database.close()
