from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import select, text

from fmn.errors import OperatorError
from fmn.infra.db import Base, Database
from fmn.ledger.models import StoredMessage
from fmn.ledger.unreadable import UnreadableMessage, unreadable_messages
from fmn.settings import BusSettings, FedoraMessagingSettings, Settings, SpoolSettings
from fmn.sources.configured_sources import opened_sources
from fmn.sources.consumer import Consumer
from fmn.sources.contract import Batch
from fmn.sources.fedmsg.parser import MessageParser
from fmn.sources.rejection import MessageRejectedError, RejectionReason
from fmn.sources.spool.backlog import SPOOL_FILE, Backlog
from fmn.sources.spool.sqlite_spool import Spool
from tests.factories.buses import Frames, MemoryBus, frames_of
from tests.factories.consumers import fedmsg_consumer
from tests.factories.counters import counted
from tests.factories.databases import tables_in
from tests.factories.messages import NOON, make_message
from tests.factories.sources import AcknowledgedSource, batch_of
from tests.servers.waiting import wait_until

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


def test_sources_side_by_side_share_the_ledger_and_each_hears_of_its_own(database: Database) -> None:
    # Given two sources, one of which ends at once
    first = AcknowledgedSource(batch_of(1, 2, source="first"), batch_of(3, source="first"), name="first")
    second = AcknowledgedSource(batch_of(4, source="second"), name="second")
    sent: list[int] = []
    # When one consumer reads both
    Consumer([first, second], database, sent.extend).run(Event())
    # Then all is stored and acknowledged
    assert sorted(msg_ids(database)) == sorted(ids_of(1, 2, 3, 4))
    assert len(sent) == 4
    assert [len(batch.messages) for batch in first.acknowledged] == [2, 1]
    assert [message.msg_id for message in second.stored_messages] == ids_of(4)


def test_a_source_that_breaks_ends_the_consumer(database: Database) -> None:
    class Endless(AcknowledgedSource):
        def batches(self, stop: Event) -> Iterator[Batch]:
            stop.wait(30)
            yield from ()

    broken = AcknowledgedSource(batch_of(1), fails=RuntimeError("the queue is on fire"))
    with pytest.raises(RuntimeError, match="on fire"):
        Consumer([Endless(), broken], database, lambda _ids: None).run(Event())
    assert msg_ids(database) == ids_of(1)


def test_what_cant_be_read_is_counted_kept_and_acknowledged(database: Database) -> None:
    error = MessageRejectedError(RejectionReason.NOT_JSON, "the body isn't JSON")
    unreadable = UnreadableMessage.of("queue", NOON, "org.example.oven", "not-json", error.detail, b"{")
    source = AcknowledgedSource(Batch([], [error], [unreadable]))
    before = counted("fmn_messages_rejected", reason="not-json", source="queue")
    Consumer([source], database, lambda _ids: None).run(Event())
    assert counted("fmn_messages_rejected", reason="not-json", source="queue") == before + 1
    assert len(source.acknowledged) == 1
    with database.reading() as session:
        assert [row.body for row in unreadable_messages(session, 9)] == ["{"]


def test_without_a_database_or_a_spool_nothing_is_acknowledged(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/fmn.sqlite")
    source, stop = AcknowledgedSource(batch_of(1), batch_of(2)), Event()
    with ThreadPoolExecutor(1) as pool:
        consumption = pool.submit(Consumer([source], database, lambda _ids: None).run, stop)
        assert source.waited.wait(30)
        assert source.acknowledged == []
        # And once there is one, it goes on
        Base.metadata.create_all(database.engine)
        consumption.result(timeout=30)
    assert len(source.acknowledged) == 2
    assert msg_ids(database) == ids_of(1, 2)
    database.close()


def test_what_is_on_disk_is_acknowledged(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/fmn.sqlite")
    source, stop = AcknowledgedSource(batch_of(1), batch_of(2)), Event()
    backlog = Backlog.from_settings(SpoolSettings(directory=tmp_path / "spool"))
    with ThreadPoolExecutor(1) as pool:
        consumption = pool.submit(Consumer([source], database, lambda _ids: None, backlog=backlog).run, stop)
        wait_until(lambda: len(source.acknowledged) == 2, 30, "it isn't acknowledged")
        stop.set()
        consumption.result(timeout=30)
    with closing(Spool(tmp_path / "spool" / SPOOL_FILE, 1)) as spool:
        assert spool.messages == 2
    database.close()


@pytest.mark.parametrize(("named", "told"), [
    (["carrier-pigeon"], "there is no source 'carrier-pigeon': there are fedmsg, fedora-messaging"),
    (["fedmsg"], "the source fedmsg isn't configured: set fmn.bus.endpoints"),
    ([], "no source is configured: set fmn.bus.endpoints or fmn.fedora_messaging.urls"),
])
def test_a_source_that_isnt_there_is_named(database: Database, named: list[str], told: str) -> None:
    with pytest.raises(OperatorError) as error, opened_sources(Settings(), database, named):
        pass
    assert str(error.value) == told


def test_the_configured_sources_are_opened_or_those_that_are_named(database: Database) -> None:
    settings = Settings(
        bus=BusSettings(endpoints=("tcp://127.0.0.1:9",), validate_signatures=False),
        fedora_messaging=FedoraMessagingSettings(urls=("amqp://127.0.0.1:9/",), queue="fmn"))
    with opened_sources(settings, database) as sources:
        assert [source.name for source in sources] == ["fedmsg", "fedora-messaging"]
        assert [source.problem() for source in sources] == [
            "", "fedora-messaging isn't connected: it hasn't connected yet"]
    with opened_sources(settings, database, ["fedora-messaging"]) as sources:
        assert [source.name for source in sources] == ["fedora-messaging"]
