"""A consumer of a real RabbitMQ over TLS, and what may happen to either."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from pika.spec import BasicProperties
from sqlalchemy import select
from structlog.testing import capture_logs

from fmn.infra.db import Base, Database
from fmn.ledger.models import StoredMessage
from fmn.ledger.unreadable import unreadable_messages
from fmn.settings import SpoolSettings
from fmn.sources.spool.backlog import SPOOL_FILE
from fmn.sources.spool.sqlite_spool import Spool
from tests.factories.amqp import PASSWORD, SOON, USER, AmqpSite
from tests.factories.counters import counted
from tests.factories.databases import tables_in
from tests.servers.ports import free_port
from tests.servers.waiting import wait_until


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with tables_in(f"sqlite:///{tmp_path}/fmn.sqlite") as database:
        yield database


@pytest.fixture
def empty_database(tmp_path: Path) -> Iterator[Database]:
    """A database without tables, which counts as one that is away."""
    with closing(Database(f"sqlite:///{tmp_path}/away.sqlite")) as database:
        yield database


def stored(database: Database) -> list[int]:
    """Numbers of the messages in the ledger."""
    with database.transaction() as session:
        return sorted(body["n"] for body in session.scalars(select(StoredMessage.body)))


def wait_for(database: Database, *numbers: int) -> None:
    wait_until(lambda: stored(database) == sorted(numbers), SOON, f"not just {numbers} are in the ledger")


def events(logs: Sequence[Mapping[str, object]]) -> set[object]:
    return {line["event"] for line in logs}


def test_a_certificate_logs_in_and_what_is_stored_is_acknowledged(site: AmqpSite, database: Database) -> None:
    # Given a queue that administrators made, a first host that is down, and messages in the queue
    site.make_queue()
    site.publish(1, 2)
    settings = site.settings(queue_declare=False, urls=(
        f"amqps://localhost:{free_port()}/%2F", f"amqps://localhost:{site.broker.tls_port}/%2F"))
    # When the consumer runs
    with site.consuming(database, settings) as consuming:
        wait_for(database, 1, 2)
        site.publish(2, 3)
        wait_for(database, 1, 2, 3)
        assert consuming.source.problem() == ""
    # Then each message was matched once, and none is left
    assert len(consuming.ids) == 3
    assert site.ready() == 0


def test_a_password_logs_in_too_and_the_queue_is_made(site: AmqpSite, database: Database) -> None:
    settings = site.settings(certificate_file=None, key_file=None, username=USER, password=PASSWORD)
    with site.consuming(database, settings):
        wait_until(lambda: site.ready() == 0, SOON, "there's no queue")
        site.publish(1)
        wait_for(database, 1)


def test_says_why_it_isnt_connected(site: AmqpSite, database: Database) -> None:
    settings = site.settings(queue_declare=False)
    with site.consuming(database, settings) as consuming:
        wait_until(lambda: "no queue" in consuming.source.problem(), SOON, "it doesn't say so")
        # And once there is one, it's consumed
        site.make_queue()
        site.publish(1)
        wait_for(database, 1)


def test_a_queue_that_is_deleted_is_made_again(site: AmqpSite, database: Database) -> None:
    with capture_logs() as logs, site.consuming(database):
        wait_until(lambda: site.ready() == 0, SOON, "there's no queue")
        site.publish(1)
        wait_for(database, 1)
        site.delete_queue()
        wait_until(lambda: site.ready() == 0, SOON, "there's no queue any more")
        site.publish(2)
        wait_for(database, 1, 2)
    assert f"the queue {site.queue} was deleted" in {line.get("reason") for line in logs}


def test_a_broker_that_restarts_is_connected_to_again(site: AmqpSite, database: Database) -> None:
    with site.consuming(database) as consuming:
        wait_until(lambda: site.ready() == 0, SOON, "there's no queue")
        site.publish(1)
        wait_for(database, 1)
        site.broker.write_down()
        site.broker.kill()
        wait_until(lambda: consuming.source.problem() != "", SOON, "it doesn't notice")
        site.broker.start()
        site.publish(2)
        wait_for(database, 1, 2)


def test_without_room_nothing_is_acknowledged_or_dropped(
    site: AmqpSite, empty_database: Database, tmp_path: Path,
) -> None:
    # Given a database that is away, and a spool that is too small for what waits in the queue
    site.make_queue()
    site.publish(*range(40), padding=100_000)
    spool = SpoolSettings(directory=tmp_path / "spool", max_megabytes=1)
    dropped = counted("fmn_spool_dropped")
    with site.consuming(empty_database, spool=spool):
        wait_until(lambda: site.ready() < 40 - 10, SOON, "nothing is acknowledged")
    # When the consumer is stopped, then what isn't on disk is in the queue
    with closing(Spool(tmp_path / "spool" / SPOOL_FILE, 1)) as kept:
        on_disk = kept.messages
    assert 0 < on_disk < 40
    wait_until(lambda: site.ready() == 40 - on_disk, SOON, "not all of the others are in the queue")
    # When it runs again and the database is back, then it goes on by itself, and everything is there once
    with site.consuming(empty_database, spool=spool) as consuming:
        Base.metadata.create_all(empty_database.engine)
        wait_for(empty_database, *range(40))
        wait_until(lambda: site.ready() == 0, SOON, "something isn't acknowledged")
    assert len(consuming.ids) == 40
    assert counted("fmn_spool_dropped") == dropped
    assert site.ready() == 0


def test_large_messages_go_back_to_the_queue_until_there_is_memory(
    site: AmqpSite, database: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given room for three messages, and a database that is slower than the broker
    monkeypatch.setattr("fmn.sources.fedora_messaging.receiver.MAX_WAITING_BYTES", 250_000)
    site.make_queue()
    site.publish(*range(30), padding=100_000)
    with capture_logs() as logs, site.consuming(database, match=lambda _ids: time.sleep(0.1)):
        wait_for(database, *range(30))
        wait_until(lambda: site.ready() == 0, SOON, "something isn't acknowledged")
    assert site.ready() == 0
    assert "much is in memory, messages stay in the queue" in events(logs)
    assert "source disconnected, connecting again" not in events(logs)


def test_what_is_only_in_memory_isnt_acknowledged(site: AmqpSite, empty_database: Database) -> None:
    site.make_queue()
    site.publish(1, 2, 3)
    with capture_logs() as logs, site.consuming(empty_database):
        wait_until(lambda: "database away, messages wait" in events(logs), SOON, "the database isn't away")
    wait_until(lambda: site.ready() == 3, SOON, "something was acknowledged")


def test_heartbeats_go_on_while_the_database_is_slow(site: AmqpSite, database: Database) -> None:
    def match(_ids: list[int]) -> None:
        time.sleep(3.5)  # RabbitMQ closes a connection that is silent for two heartbeats

    with capture_logs() as logs, site.consuming(database, site.settings(heartbeat_seconds=1), match=match):
        wait_until(lambda: site.ready() == 0, SOON, "there's no queue")
        site.publish(1)
        wait_for(database, 1)
        site.publish(2)
        wait_for(database, 1, 2)
    assert "source disconnected, connecting again" not in events(logs)


def test_an_expired_certificate_is_told_of_until_it_is_renewed(site: AmqpSite, database: Database) -> None:
    settings = site.settings()
    site.certificate(timedelta(hours=-1))
    with capture_logs() as logs, site.consuming(database, settings) as consuming:
        wait_until(lambda: "source disconnected, connecting again" in events(logs), SOON, "it isn't refused")
        site.certificate()
        wait_until(lambda: consuming.source.problem() == "", SOON, "it doesn't connect")
        site.publish(1)
        wait_for(database, 1)
    reasons = [str(line.get("reason")) for line in logs if "disconnected" in str(line["event"])]
    assert "fmn.fedora_messaging.certificate_file has expired at" in reasons[0]


def test_what_cant_be_read_is_kept_and_acknowledged(site: AmqpSite, database: Database) -> None:
    with capture_logs() as logs, site.consuming(database) as consuming:
        wait_until(lambda: consuming.source.problem() == "", SOON, "it doesn't connect")
        site.publish_raw(b'{"password": "hunter2", ')
        site.publish_raw(b"{}", NestedHeaders())
        site.publish_raw(b"x" * 1_000_001)
        site.publish(1)
        wait_for(database, 1)
    assert site.ready() == 0
    assert "source disconnected, connecting again" not in events(logs)
    with database.reading() as session:
        kept = [(row.reason, row.topic, row.body) for row in unreadable_messages(session, 10)]
    assert kept == [
        ("too-large", site.topic, "x" * 4_096),
        ("bad-properties", site.topic, "{}"),
        ("not-json", site.topic, '{"password": …, ')]


class NestedHeaders(BasicProperties):  # type: ignore[misc]  # pika's types aren't read
    """Properties whose headers nest more deeply than pika's decoder can follow."""

    def encode(self) -> list[bytes]:
        table = struct.pack(">I", 0)
        for _ in range(2_000):
            entry = b"\1aF" + table
            table = struct.pack(">I", len(entry)) + entry
        return [struct.pack(">H", BasicProperties.FLAG_HEADERS), table]
