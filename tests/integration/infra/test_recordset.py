"""Inserting and updating many rows in one statement, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.exc import DataError

from fmn.infra.db import Database, insert_new, update_rows
from fmn.ledger.models import RememberedId, StoredMessage
from tests.factories.messages import NOON

storable = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


def row(msg_id: str = "1", **values: Any) -> Mapping[str, Any]:
    return {
        "msg_id": msg_id, "topic": "a.b.c", "category": "", "sent_at": NOON, "signer": "", "usernames": [],
        "packages": [], "body": {}, **values}


def inserted(database: Database, *rows: Mapping[str, Any]) -> Sequence[StoredMessage]:
    """What is there after inserting these rows only."""
    with database.transaction() as session:
        session.execute(delete(StoredMessage))
        insert_new(session, StoredMessage, rows)
        return session.scalars(select(StoredMessage).order_by(StoredMessage.id)).all()


class TestInsertNew:
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
    @given(st.data())
    def test_keeps_values_as_they_are(self, database: Database, data: st.DataObject) -> None:
        body = data.draw(st.dictionaries(storable, storable | st.integers() | st.none(), max_size=3))
        agent, topic = data.draw(storable), data.draw(storable)
        sent_at = NOON + timedelta(microseconds=data.draw(st.integers(-10**15, 10**15)))
        late = data.draw(st.booleans())
        (kept,) = inserted(database, row(topic=topic, body=body, agent=agent, sent_at=sent_at, late=late))
        assert (kept.topic, kept.body, kept.agent, kept.sent_at, kept.late) == (
            topic, body, agent, sent_at, late)

    def test_keeps_bytes_and_dates(self, database: Database) -> None:
        digest = bytes(range(240, 256))
        with database.transaction() as session:
            new = insert_new(
                session, RememberedId, [{"digest": digest, "since": date(2026, 1, 2)}], RememberedId.digest)
            assert [bytes(each.digest) for each in new] == [digest]
            assert session.scalars(select(RememberedId.since)).all() == [date(2026, 1, 2)]

    def test_inserts_in_the_given_order_what_is_not_there(self, database: Database) -> None:
        with database.transaction() as session:
            insert_new(session, StoredMessage, [row("5")])
            new = insert_new(
                session, StoredMessage, [row(msg_id) for msg_id in "975131"], StoredMessage.id,
                StoredMessage.msg_id)
        assert [each.msg_id for each in sorted(new, key=lambda each: each.id)] == ["9", "7", "1", "3"]

    def test_fills_in_what_rows_leave_out(self, database: Database) -> None:
        first, second = inserted(database, row("1"), row("2", enqueued_at=NOON, body=None))
        assert (first.tries, first.headers, first.enqueued_at, first.matched_at) == (0, {}, None, None)
        assert first.received_at > NOON
        assert (second.enqueued_at, second.body) == (NOON, None)

    def test_refuses_text_that_is_too_long_rather_than_cut_it(self, postgresql_database: Database) -> None:
        with pytest.raises(DataError, match="too long"):
            inserted(postgresql_database, row("1" * 201))

    def test_refuses_a_nul_as_a_fault_of_the_row(self, postgresql_database: Database) -> None:
        with pytest.raises(DataError):
            inserted(postgresql_database, row(topic="\0"))


class TestUpdateRows:
    def test_changes_each_row_by_its_id(self, database: Database) -> None:
        first, second, third = inserted(database, row("1"), row("2"), row("3"))
        with database.transaction() as session:
            update_rows(session, StoredMessage, [
                {"id": second.id, "agent": None, "usernames": ["bob"], "matched_at": NOON},
                {"id": first.id, "agent": "alice", "usernames": [], "matched_at": NOON}])
        with database.transaction() as session:
            rows = session.scalars(select(StoredMessage).order_by(StoredMessage.id)).all()
            assert [(each.id, each.agent, each.usernames, each.matched_at) for each in rows] == [
                (first.id, "alice", [], NOON), (second.id, None, ["bob"], NOON), (third.id, None, [], None)]

    def test_of_no_rows_changes_nothing(self, database: Database) -> None:
        with database.transaction() as session:
            update_rows(session, StoredMessage, [])
