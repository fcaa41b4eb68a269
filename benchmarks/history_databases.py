"""Databases with a history: two weeks of messages as if they had come and been matched one by one."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from fmn.catalog import Message, catalog
from fmn.catalog.threads import thread_of
from fmn.filters.models import Filter
from fmn.infra import migrations
from fmn.infra.db import Base, Database
from fmn.ledger.messages import thread_key
from fmn.ledger.models import Delivery, DeliveryKind, DeliveryState, Notification, StoredMessage
from fmn.matching.preview import DAYS
from fmn.people.models import DetailValue, Preference, User
from tests.servers.postgresql import PostgreSQL
from tests.servers.processes import ServerMissingError

ROWS_AT_ONCE = 5_000


def databases() -> Iterator[tuple[str, Database]]:
    """An empty database of each kind in turn, by its name; PostgreSQL only where it's installed."""
    with tempfile.TemporaryDirectory(prefix="fmn-benchmark-") as name:
        directory = Path(name)
        directory.chmod(0o755)  # PostgreSQL runs as somebody else
        with _migrated(f"sqlite:///{directory}/fmn.sqlite") as database:
            yield "SQLite", database
        try:
            with PostgreSQL(directory / "postgresql") as server, _migrated(server.create_database()) as there:
                yield "PostgreSQL", there
        except ServerMissingError as error:
            print(f"Nothing measured on PostgreSQL: {error}", file=sys.stderr)


@contextmanager
def _migrated(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        migrations.upgrade(database)
        yield database
    finally:
        database.close()


def keep(database: Database, messages: Mapping[str, Message], now: datetime) -> None:
    """Keep the messages as if they had come and been matched one by one in the time of a preview."""
    begin, apart = now - timedelta(days=DAYS - 1), timedelta(days=DAYS - 1) / len(messages)
    rows = [_row(message, begin + number * apart) for number, message in enumerate(messages.values())]
    with database.transaction() as session:
        insert_all(session, StoredMessage, rows)
        if not database.embedded:
            session.execute(text("ANALYZE"))


def notify(database: Database, nick: str) -> None:
    """Let somebody have been sent all messages by their first filter, each by itself."""
    with database.transaction() as session:
        preference_id, filter_id, address = session.execute(
            select(Preference.id, Filter.id, DetailValue.value)
            .join(User, User.id == Preference.user_id)
            .join(Filter, Filter.preference_id == Preference.id)
            .join(DetailValue, DetailValue.preference_id == Preference.id)
            .where(User.nick == nick).order_by(Filter.position).limit(1)).one()
        messages = session.execute(
            select(StoredMessage.id, StoredMessage.received_at).order_by(StoredMessage.id)).all()
        insert_all(session, Notification, [
            {"message_id": row.id, "preference_id": preference_id, "filter_id": filter_id, "batched": False,
             "created_at": row.received_at} for row in messages])
        notifications = session.execute(
            select(Notification.id, Notification.created_at).where(
                Notification.preference_id == preference_id)).all()
        insert_all(session, Delivery, [
            {"key": f"single:{row.id}", "kind": DeliveryKind.SINGLE, "context": "email",
             "preference_id": preference_id, "destination": address, "notification_id": row.id,
             "state": DeliveryState.SENT, "attempts": 1, "created_at": row.created_at,
             "finished_at": row.created_at}
            for row in notifications])
        if not database.embedded:
            session.execute(text("ANALYZE"))


def insert_all(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, many at a time."""
    for first in range(0, len(rows), ROWS_AT_ONCE):
        session.execute(insert(table), rows[first:first + ROWS_AT_ONCE])


def _row(message: Message, at: datetime) -> dict[str, object]:
    facts = catalog().facts(message)
    return {
        "msg_id": message.msg_id, "topic": message.topic, "category": message.category, "signer": "",
        "sent_at": at, "received_at": at, "matched_at": at, "enqueued_at": None, "body": message.body,
        "event": facts.event.name, "agent": facts.agent, "usernames": sorted(facts.usernames),
        "packages": sorted(map(str, facts.packages)), "thread_key": thread_key(thread_of(facts)),
    }
