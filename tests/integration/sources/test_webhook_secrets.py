"""Secrets in webhooks' headers, from the bus to the last table."""

from __future__ import annotations

from sqlalchemy import String, cast, select

from fmn.catalog import catalog
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
from tests.factories.matching import match
from tests.factories.messages import NO_THROTTLING, NOON
from tests.factories.people import make_person

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


def test_a_planted_secret_is_in_no_table(database: Database) -> None:
    # Given Alice, who is sent everything about a package
    make_person(database, "alice", packages=["moss"])
    push = {"ref": "refs/heads/main", "repository": {"full_name": "rpms/moss"}}
    body = {"headers": HEADERS, "body": {"secret": SECRET, **push}, "agent": "mary"}
    # When a webhook's message comes whose headers and JSON hold a secret
    message = MessageParser.from_settings(BusSettings(validate_signatures=False)).parse(encode_frames({
        "topic": "org.fedoraproject.prod.forgejo.push", "msg_id": "2026-1", "msg": body,
        "timestamp": int(NOON.timestamp())}))
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
