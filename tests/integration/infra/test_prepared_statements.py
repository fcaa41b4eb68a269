"""Statements that PostgreSQL prepares once for a connection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing

import pytest
from sqlalchemy import BigInteger, column, select, text
from sqlalchemy.engine import Connection

from fmn.infra.db import Database
from fmn.infra.id_lists import in_ids
from fmn.infra.prepared_statements import PREPARED

PLAIN = select(column("number", BigInteger)).select_from(
    text("generate_series(1, 9) AS number")).where(in_ids(column("number", BigInteger), "ids"))
MARKED = PLAIN.execution_options(**{PREPARED: True})


@pytest.fixture
def connection(postgresql_database: Database) -> Iterator[Connection]:
    with closing(postgresql_database.autocommit_connection()) as connection:
        yield connection


def found(connection: Connection, *ids: int) -> Sequence[int]:
    return connection.scalars(MARKED, {"ids": ids}).all()


def prepared(connection: Connection) -> Sequence[str]:
    return connection.scalars(text("SELECT statement FROM pg_prepared_statements")).all()


def test_a_statement_is_prepared_once_for_any_number_of_values(connection: Connection) -> None:
    assert [found(connection, 3), found(connection, 1, 5, 12), found(connection)] == [[3], [1, 5], []]
    [statement] = prepared(connection)
    assert "ANY ($1" in statement


def test_unmarked_statements_are_sent_as_they_are(connection: Connection) -> None:
    assert connection.scalars(PLAIN, {"ids": [3]}).all() == [3]
    assert not prepared(connection)


def test_a_session_of_the_pool_prepares_nothing(postgresql_database: Database) -> None:
    with postgresql_database.transaction() as session:
        assert session.scalars(MARKED, {"ids": [3]}).all() == [3]
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
    statement = select(column("number", BigInteger)).select_from(text("missing")).where(
        in_ids(column("number", BigInteger), "ids")).execution_options(**{PREPARED: True})
    with pytest.raises(Exception, match="missing") as raised:
        connection.execute(statement, {"ids": [123456789]})
    assert "123456789" not in str(raised.value)
