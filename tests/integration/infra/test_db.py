"""Transactions on both databases."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError

from fmn.infra.db import Database
from fmn.people.models import User

pytestmark = pytest.mark.dialects


@pytest.mark.parametrize(("options", "pause"), [
    ("", "1min"),
    ("?options=-c%20idle_in_transaction_session_timeout%3D7000", "7s"),
])
def test_a_transaction_that_hangs_gives_back_what_it_locked(
    postgresql_url: str, options: str, pause: str,
) -> None:
    database = Database(postgresql_url + options)
    with database.transaction() as session:
        assert session.scalar(text("SHOW idle_in_transaction_session_timeout")) == pause
    database.close()


def test_neither_side_waits_for_the_other_when_the_network_is_cut(postgresql_url: str) -> None:
    # Given settings of our own for one of them
    database = Database(f"{postgresql_url}?connect_timeout=7")
    with database.transaction() as session:
        shown = [session.scalar(text(f"SHOW tcp_{name}"))
                 for name in ("keepalives_idle", "keepalives_interval", "keepalives_count", "user_timeout")]
        connection: Any = session.connection().connection.dbapi_connection
        ours = connection.get_dsn_parameters()
    database.close()

    # Then the server looks every few seconds whether we're there, and so do we
    assert shown == ["10", "5", "3", "15000"]
    assert ours["keepalives_idle"] == "10"
    assert ours["tcp_user_timeout"] == "15000"
    assert ours["connect_timeout"] == "7"


def test_statements_are_not_compiled(postgresql_url: str) -> None:
    # Given a database that compiles whatever it's asked
    database = Database(postgresql_url)
    with database.transaction() as session:
        session.execute(text("SET jit_above_cost = 0"))
        # When it's asked something, then it just answers
        plan = list(session.scalars(text("EXPLAIN ANALYZE SELECT sum(n) FROM generate_series(1, 10) AS n")))
    database.close()
    assert "JIT" not in "".join(plan)


def test_a_statement_alone_is_committed_at_once_and_nobody_waits_for_it(database: Database) -> None:
    with closing(database.autocommit_connection()) as alone:
        for number in range(2):
            # When somebody executes a statement by itself, and doesn't even say that it's over
            alone.execute(insert(User), {"nick": f"user{number}"})
            # Then everybody else sees what it did, and can write
            with database.transaction() as session:
                session.add(User(nick=f"other{number}"))
                assert session.scalar(select(func.count()).select_from(User)) == 2 * number + 2


def test_processes_agree_on_the_time_whatever_their_own_clocks_say(
    database: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given somebody whose own clock is two hours fast
    other = Database(database.url)
    before = database.now()
    if not database.embedded:
        monkeypatch.setattr("fmn.infra.db.utc_now", lambda: before + timedelta(hours=2))
    # When both are asked for the time, then it's the same
    assert timedelta(0) <= other.now() - before < timedelta(minutes=1)
    other.close()


def test_who_only_reads_cannot_write_and_keeps_nobody_from_writing(database: Database) -> None:
    # Given somebody who writes
    with database.transaction() as writer:
        writer.add(User(nick="alice"))
        writer.flush()
        # When somebody else reads meanwhile, then they see what was before
        with database.reading() as reader:
            assert reader.scalars(select(User)).all() == []
    with pytest.raises(DBAPIError, match=r"readonly|read-only"), database.reading() as reader:
        reader.execute(insert(User).values(nick="bob"))
    # And the connection that was used for reading writes again afterwards
    with database.transaction() as writer:
        writer.add(User(nick="bob"))
    with database.reading() as reader:
        assert reader.scalars(select(User.nick).order_by(User.id)).all() == ["alice", "bob"]
