"""Statements that PostgreSQL prepares once for a connection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import BigInteger, column, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import ProgrammingError

from fmn.catalog import Message
from fmn.delivery.delivery_rows import (
    read_deliveries,
    read_messages,
    read_notifications,
    read_still_claimed,
)
from fmn.infra.db import Database
from fmn.infra.id_lists import in_ids
from fmn.infra.prepared_statements import PreparedStatement
from fmn.ledger.deliveries import claim, finish_sent
from fmn.ledger.messages import store
from fmn.ledger.models import StoredMessage

PLAIN = select(column("number", BigInteger)).select_from(
    text("generate_series(1, 9) AS number")).where(in_ids(column("number", BigInteger), "ids"))
STATEMENT = PreparedStatement(PLAIN)


@pytest.fixture
def connection(postgresql_database: Database) -> Iterator[Connection]:
    with closing(postgresql_database.autocommit_connection()) as connection:
        yield connection


def found(connection: Connection, *ids: int) -> Sequence[int]:
    return [row[0] for row in STATEMENT.rows(connection, {"ids": ids})]


def prepared(connection: Connection) -> Sequence[str]:
    return connection.scalars(text("SELECT statement FROM pg_prepared_statements")).all()


def test_a_statement_is_prepared_once_for_any_number_of_values(connection: Connection) -> None:
    assert [found(connection, 3), found(connection, 1, 5, 12), found(connection)] == [[3], [1, 5], []]
    [statement] = prepared(connection)
    assert "ANY ($1" in statement


def test_other_statements_are_sent_as_they_are(connection: Connection) -> None:
    assert connection.scalars(PLAIN, {"ids": [3]}).all() == [3]
    assert not prepared(connection)


def test_a_session_of_the_pool_prepares_nothing(postgresql_database: Database) -> None:
    with postgresql_database.transaction() as session:
        assert STATEMENT.rows(session, {"ids": [3]}) == [(3,)]
        assert not prepared(session.connection())


def test_rows_are_looked_up_however_few_there_were(connection: Connection) -> None:
    """A plan is kept, so it must be good for tables that have grown since."""
    connection.execute(text("ANALYZE messages"))
    connection.execute(text("PREPARE found AS SELECT id FROM messages WHERE id = ANY ($1)"))
    [plan, *_] = connection.scalars(text("EXPLAIN EXECUTE found ('{1,2}')")).all()
    assert "Index" in plan or "Bitmap" in plan
    assert connection.scalar(text("SELECT generic_plans FROM pg_prepared_statements")) == 1


def test_beyond_a_pooler_that_forgot_it_a_statement_is_sent_as_it_is(connection: Connection) -> None:
    assert found(connection, 3) == [3]
    connection.execute(text("DEALLOCATE ALL"))
    assert [found(connection, 3), found(connection, 4)] == [[3], [4]]
    assert not prepared(connection)


def test_what_another_client_of_a_pooler_prepared_is_used(connection: Connection) -> None:
    assert found(connection, 3) == [3]
    connection.info.clear()
    assert found(connection, 4) == [4]
    assert len(prepared(connection)) == 1


def test_errors_hold_no_values(connection: Connection) -> None:
    statement = PreparedStatement(select(column("number", BigInteger)).select_from(text("missing")).where(
        in_ids(column("number", BigInteger), "ids")))
    with pytest.raises(ProgrammingError, match="missing") as raised:
        statement.rows(connection, {"ids": [123456789]})
    assert "123456789" not in str(raised.value)


def test_what_is_sent_in_production_can_be_prepared(connection: Connection) -> None:
    now = datetime.now(UTC)
    claim(connection, [1], "somebody", now, timedelta(1))
    finish_sent(connection, [1], now)
    read_deliveries(connection, [1])
    read_still_claimed(connection, [1], "somebody")
    read_notifications(connection, [])
    read_messages(connection, [])
    assert len(prepared(connection)) == 6


def test_values_are_those_of_the_columns_types(connection: Connection, postgresql_database: Database) -> None:
    now, body = datetime(2026, 5, 4, 14, tzinfo=timezone(timedelta(hours=2))), {"build": [1, "näh", None]}
    with postgresql_database.transaction() as session:
        store(session, [Message("2026-1", "org.example.prod.build", now, body)], now)
    columns = [StoredMessage.__table__.c[name] for name in ("msg_id", "sent_at", "body", "agent")]
    connection.execute(text("SET TIME ZONE 'Asia/Tokyo'"))
    with postgresql_database.reading() as session:
        prepared, usual = (
            [list(row) for row in PreparedStatement(select(*columns)).rows(where, {})]
            for where in (connection, session))
    assert prepared == usual == [["2026-1", now, body, None]]
    assert prepared[0][1].tzinfo is UTC
