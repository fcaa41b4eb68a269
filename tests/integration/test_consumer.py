"""A consumer whose PostgreSQL goes away, or refuses something."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from sqlalchemy import select, text

from fmn.bus.intake import Intake
from fmn.consumer import Consumer
from fmn.db import Base, Database
from fmn.ledger.models import StoredMessage
from fmn.settings import BusSettings
from tests.factories.buses import Frames, MemoryBus, frames_of
from tests.factories.databases import tables_in
from tests.factories.messages import make_message
from tests.servers.postgresql import PostgreSQL

INTAKE = Intake.from_settings(BusSettings(validate_signatures=False))


def consumer_of(database: Database, *batches: list[Frames]) -> Consumer:
    return Consumer(MemoryBus(*batches), INTAKE, database, lambda _ids: None)


def stored_in(database: Database) -> list[str]:
    with database.transaction() as session:
        return list(session.scalars(select(StoredMessage.msg_id).order_by(StoredMessage.id)))


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
    consumer = Consumer(Bus(), INTAKE, postgresql_database, lambda _ids: None)
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
