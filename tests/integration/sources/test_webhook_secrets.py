"""Secrets in webhooks' headers, from the bus to the last table."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import String, cast, select

from fmn.catalog import Message, catalog
from fmn.directory import DirectoryStore
from fmn.filters.rule_types import rule_types
from fmn.infra.cache import MemoryCache
from fmn.infra.db import Base, Database
from fmn.ledger.messages import store
from fmn.ledger.models import Delivery, StoredMessage
from fmn.matching.batch_matcher import BatchMatcher
from fmn.settings import AutocreateSettings, BusSettings
from fmn.sources.fedmsg.parser import MessageParser
from fmn.sources.fedmsg.wire_frames import encode_frames
from fmn.sources.fedora_messaging.parser import AmqpMessageParser
from fmn.sources.fedora_messaging.parser import Delivery as AmqpDelivery
from tests.factories.matching import match
from tests.factories.messages import NO_THROTTLING, NOON
from tests.factories.people import make_person

TOPIC = "org.fedoraproject.prod.forgejo.push"
SECRET = "planted-2f4ab9c1e7a1d22a"

HEADERS = {
    "authorization": f"Bearer {SECRET}", "cookie": f"session={SECRET}", "X-Gitlab-Token": SECRET,
    "x-hub-signature-256": f"sha256={SECRET}", "x-made-up": SECRET, "x-forgejo-event": "push",
}


def everything_in(database: Database) -> str:
    """Every value of every table, as text."""
    with database.reading() as session:
        return "\n".join(
            str(value)
            for table in Base.metadata.sorted_tables for column in table.columns
            for value in session.scalars(select(cast(column, String))))


def over_fedmsg(body: Mapping[str, Any]) -> Message:
    """The message as the source of fedmsg reads it."""
    return MessageParser.from_settings(BusSettings(validate_signatures=False)).parse(encode_frames({
        "topic": TOPIC, "msg_id": "2026-1", "msg": body, "timestamp": int(NOON.timestamp())}))


def over_amqp(body: Mapping[str, Any]) -> Message:
    """The message as the source of fedora-messaging reads it."""
    text = json.dumps(body).encode()
    delivery = AmqpDelivery(
        topic=TOPIC, body=text, size=len(text), headers={"authorization": f"Bearer {SECRET}"},
        message_id="6f6f2c3a-0b55-4c5e-9b1c-2a1d8a3b7c11")
    return AmqpMessageParser(BusSettings()).parse(delivery, NOON)


@pytest.mark.parametrize("read", [over_fedmsg, over_amqp])
def test_a_planted_secret_is_in_no_table(
    database: Database, read: Callable[[Mapping[str, Any]], Message],
) -> None:
    # Given Alice, who is sent everything about a package
    make_person(database, "alice", packages=["moss"])
    push = {"ref": "refs/heads/main", "repository": {"full_name": "rpms/moss"}}
    body = {"headers": HEADERS, "body": {"secret": SECRET, **push}, "agent": "mary"}
    # When a webhook's message comes whose headers and JSON hold a secret
    message = read(body)
    with database.transaction() as session:
        ids = store(session, [message], NOON)
    match(BatchMatcher(
        database, catalog(), rule_types(), DirectoryStore([], MemoryCache()), AutocreateSettings(),
        NO_THROTTLING), ids)
    # Then she is told of it, and the secret is nowhere
    with database.reading() as session:
        assert session.scalar(select(StoredMessage.body)) == {
            "headers": {"x-forgejo-event": "push"}, "body": push, "agent": "mary"}
        assert len(session.scalars(select(Delivery.id)).all()) == 1
    assert "refs/heads/main" in everything_in(database)
    assert SECRET not in everything_in(database)
