"""Backfill of messages that came over AMQP, which nobody signed: from a trusted archive, once."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from fmn.infra.db import Database
from fmn.ledger.messages import store
from fmn.ledger.models import StoredMessage
from fmn.settings import BusSettings, CatchupSettings, FedoraMessagingSettings, Settings
from fmn.sources.backfill.archive_parser import ArchiveParser
from fmn.sources.backfill.gaps import Gap, record_gap
from fmn.sources.backfill.ingesting import BackfillIngester, IngestCounts
from fmn.sources.backfill.worker import BackfillWorker
from fmn.sources.fedora_messaging.parser import AmqpMessageParser, Delivery
from tests.servers.datagrepper import Datagrepper
from tests.system.bus import Bus

NOW = datetime.now(UTC).replace(microsecond=0)
TOPIC = "org.fedoraproject.prod.oven.cake.done"
BOTH = pytest.mark.parametrize("address", ["address", "search_address"])


@pytest.fixture
def catch_up(database: Database, archive: Datagrepper) -> Callable[..., IngestCounts]:
    """Fetch the last hour."""
    def run(address: str = "address", *, trusted: bool = True, **more: Any) -> IngestCounts:
        url = getattr(archive, address)
        settings = Settings(
            catchup=CatchupSettings(url=url, trusted_sources=(url,) if trusted else ()), **more)
        ingester = BackfillIngester(ArchiveParser.from_settings(settings), database, lambda _ids: None)
        with database.transaction() as session:
            record_gap(session, [url], Gap(NOW - timedelta(hours=1), NOW), NOW, timedelta(minutes=15))
        return BackfillWorker(settings.catchup, database, ingester, timedelta(days=14)).run()

    return run


def known(database: Database) -> list[StoredMessage]:
    with database.reading() as session:
        return list(session.scalars(select(StoredMessage).order_by(StoredMessage.id)))


def archived(archive: Datagrepper, number: int = 1, **headers: Any) -> tuple[str, datetime]:
    """A message in the archive: its id, and when it was sent, which isn't at a whole second."""
    msg_id = str(uuid.uuid5(uuid.NAMESPACE_OID, str(number)))
    sent_at = NOW - timedelta(minutes=5, seconds=0.25)
    archive.archived_delivery(msg_id, TOPIC, {"cake": number}, sent_at, headers)
    return msg_id, sent_at


@BOTH
def test_a_trusted_archive_s_messages_are_those_that_the_broker_would_have_delivered(
    archive: Datagrepper, database: Database, catch_up: Callable[..., IngestCounts], address: str,
) -> None:
    msg_id, sent_at = archived(archive, fedora_messaging_user_mary=True, secret="x")

    assert catch_up(address).new == 1

    (row,) = known(database)
    assert (row.msg_id, row.signer, row.topic, row.sent_at, row.body, row.source) == (
        msg_id, "", TOPIC, sent_at, {"cake": 1}, "fedora-messaging")
    assert row.headers["fedora_messaging_user_mary"] is True
    assert "secret" not in row.headers


@BOTH
def test_what_came_live_is_known(
    archive: Datagrepper, database: Database, catch_up: Callable[..., IngestCounts], address: str,
) -> None:
    msg_id, sent_at = archived(archive)
    body = json.dumps({"cake": 1}).encode()
    live = AmqpMessageParser(BusSettings()).parse(
        Delivery(TOPIC, body, len(body), {"sent-at": sent_at.isoformat()}, msg_id), NOW)
    with database.transaction() as session:
        store(session, [live], NOW)

    counts = catch_up(address)

    assert (counts.new, counts.known) == (0, 1)


@BOTH
def test_of_any_other_archive_nothing_unsigned_is_taken(
    archive: Datagrepper, database: Database, catch_up: Callable[..., IngestCounts], address: str,
) -> None:
    archived(archive)

    counts = catch_up(address, trusted=False)

    assert (counts.new, dict(counts.refused)) == (0, {"untrusted-archive": 1})
    assert known(database) == []


def test_trust_does_not_replace_fedmsg_s_signatures(
    archive: Datagrepper, catch_up: Callable[..., IngestCounts], bus: Bus,
) -> None:
    # Given a signed message, the same without its signature, and one that came over AMQP
    body: Mapping[str, Any] = {
        "topic": TOPIC, "msg": {"cake": 1}, "msg_id": "2026-1", "i": 1, "username": "apache",
        "timestamp": int((NOW - timedelta(minutes=5)).timestamp())}
    archive.archived(bus.signed(body))
    archive.archived([TOPIC.encode(), json.dumps({**body, "msg_id": "2026-2"}).encode()])
    archived(archive)

    counts = catch_up(bus=BusSettings(ca_file=bus.authority, crl_file=bus.revocations))

    assert (counts.new, dict(counts.refused)) == (2, {"unsigned": 1})


def test_without_fedmsg_its_messages_are_not_taken(
    archive: Datagrepper, catch_up: Callable[..., IngestCounts], bus: Bus,
) -> None:
    archive.archived(bus.signed({"topic": TOPIC, "msg": {}, "msg_id": "2026-1", "i": 1, "username": "apache",
                                 "timestamp": int(NOW.timestamp()) - 60}))
    archived(archive)

    counts = catch_up()

    assert (counts.new, dict(counts.refused)) == (1, {"unknown-authority": 1})


def test_what_a_bridge_brought_is_not_taken_beside_what_it_was_brought_from(
    archive: Datagrepper, catch_up: Callable[..., IngestCounts], bus: Bus,
) -> None:
    archive.archived_delivery("2026-1", TOPIC, {}, NOW - timedelta(minutes=1))
    archived(archive)

    counts = catch_up(
        bus=BusSettings(endpoints=("tcp://127.0.0.1:1",), ca_file=bus.authority, crl_file=bus.revocations),
        fedora_messaging=FedoraMessagingSettings(urls=("amqp://127.0.0.1",), queue="fmn"))

    assert (counts.new, dict(counts.refused)) == (1, {"bridged": 1})


@BOTH
@pytest.mark.parametrize(("change", "reason"), [
    ({"msg": ["no object"]}, "not-an-object"), ({"msg_id": 7}, "bad-msg-id"), ({"topic": ""}, "bad-topic"),
    ({"msg": {"a": "x" * 1_000_001}}, "too-large"),
])
def test_messages_are_checked_like_live_ones(
    archive: Datagrepper, catch_up: Callable[..., IngestCounts], address: str, change: Mapping[str, Any],
    reason: str,
) -> None:
    archived(archive)
    archive.bodies[0].update(change)

    assert dict(catch_up(address).refused) == {reason: 1}


def test_a_message_without_a_time_has_the_archive_s(
    archive: Datagrepper, database: Database, catch_up: Callable[..., IngestCounts],
) -> None:
    _, sent_at = archived(archive)
    del archive.bodies[0]["headers"]["sent-at"]

    assert catch_up().new == 1
    assert known(database)[0].sent_at == sent_at.replace(microsecond=0)


def test_other_times_are_not_taken(archive: Datagrepper, catch_up: Callable[..., IngestCounts]) -> None:
    archived(archive)
    archive.bodies[0]["headers"]["sent-at"] = (NOW - timedelta(days=1)).isoformat()

    assert dict(catch_up().refused) == {"not-asked-for": 1}


@pytest.mark.parametrize(("url", "trusted", "error"), [
    ("http://archive.example.org/raw", "http://archive.example.org/raw", "has to begin with https://"),
    ("https://archive.example.org/raw", "https://example.org/raw", "isn't fmn.catchup.url"),
])
def test_trust_has_conditions(url: str, trusted: str, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        CatchupSettings(url=url, trusted_sources=(trusted,))
