from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import select, text

from fmn.infra.db import Base, Database
from fmn.ledger.models import StoredMessage
from fmn.settings import BusSettings
from fmn.sources.fedmsg.parser import MessageParser
from tests.factories.buses import Frames, MemoryBus, frames_of
from tests.factories.consumers import fedmsg_consumer
from tests.factories.counters import counted
from tests.factories.databases import tables_in
from tests.factories.messages import make_message

INTAKE = MessageParser.from_settings(BusSettings(validate_signatures=False, junk_suffixes=(".junk",)))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with tables_in(f"sqlite:///{tmp_path}/fmn.sqlite") as database:
        yield database


def consume(database: Database, *batches: list[Frames]) -> list[list[int]]:
    """Consume these batches; returns the ids that were sent to be matched, batch by batch."""
    sent: list[list[int]] = []
    fedmsg_consumer(MemoryBus(*batches), INTAKE, database, sent.append).run(Event())
    return sent


def msg_ids(database: Database) -> list[str]:
    with database.transaction() as session:
        return list(session.scalars(select(StoredMessage.msg_id).order_by(StoredMessage.id)))


def ids_of(*numbers: int) -> list[str]:
    return [make_message(number).msg_id for number in numbers]


def test_takes_messages_in_and_has_them_matched(database: Database) -> None:
    before = counted("fmn_messages_received"), counted("fmn_messages_stored")
    sent = consume(database, [frames_of(1), frames_of(2)], [frames_of(3)])
    assert msg_ids(database) == ids_of(1, 2, 3)
    assert [len(ids) for ids in sent] == [2, 1]
    assert counted("fmn_messages_received") == before[0] + 3
    assert counted("fmn_messages_stored") == before[1] + 3


def test_has_what_is_known_not_matched_again(database: Database) -> None:
    sent = consume(database, [frames_of(1), frames_of(1)], [frames_of(1)], [frames_of(1), frames_of(2)])
    assert msg_ids(database) == ids_of(1, 2)
    assert [len(ids) for ids in sent] == [1, 1]


@pytest.mark.parametrize(("frames", "reason"), [
    ([b"only one"], "frames"),
    ([b"org.example.dev.oven", b"{"], "not-json"),
    (frames_of(9, topic="org.example.dev.oven.junk"), "junk"),
])
def test_counts_what_it_rejects_by_reason(database: Database, frames: Frames, reason: str) -> None:
    # Given something unacceptable between good messages
    before = counted("fmn_messages_rejected", reason=reason)
    # When it arrives
    consume(database, [frames_of(1), frames, frames_of(2)], [frames], [frames_of(3)])
    # Then it's counted, and the good ones are there
    assert counted("fmn_messages_rejected", reason=reason) == before + 2
    assert msg_ids(database) == ids_of(1, 2, 3)


def test_a_message_that_the_database_refuses_stops_no_other(database: Database) -> None:
    # Given a database that takes no lead
    with database.transaction() as session:
        session.execute(text(
            "CREATE TRIGGER no_lead BEFORE INSERT ON messages WHEN NEW.topic LIKE '%.lead'"
            " BEGIN SELECT RAISE(ABORT, 'no lead'); END"))
    before = counted("fmn_messages_rejected", reason="database")
    # When lead comes among cakes
    lead = frames_of(2, topic="org.example.dev.oven.lead")
    sent = consume(database, [frames_of(1), lead, frames_of(3)], [frames_of(4)])
    # Then the cakes are there, and the lead is counted
    assert msg_ids(database) == ids_of(1, 3, 4)
    assert [len(ids) for ids in sent] == [2, 1]
    assert counted("fmn_messages_rejected", reason="database") == before + 1


def test_waits_for_a_database_that_has_no_tables_yet(tmp_path: Path) -> None:
    # Given a database that nobody has migrated
    database = Database(f"sqlite:///{tmp_path}/fmn.sqlite")
    with ThreadPoolExecutor(1) as pool:
        consumption = pool.submit(consume, database, [frames_of(1)], [frames_of(2)])
        # When somebody does
        Base.metadata.create_all(database.engine)
        consumption.result()
    # Then nothing was lost
    assert msg_ids(database) == ids_of(1, 2)
    database.close()


def test_stops_when_told_to_though_the_database_is_away(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/fmn.sqlite")
    stop = Event()
    consumer = fedmsg_consumer(MemoryBus([frames_of(1)]), INTAKE, database, lambda _ids: None)
    with ThreadPoolExecutor(1) as pool:
        consumption = pool.submit(consumer.run, stop)
        stop.set()
        consumption.result(timeout=10)
    database.close()
