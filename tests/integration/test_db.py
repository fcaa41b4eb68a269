"""Transactions on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from fmn.db import Database
from fmn.people.models import User


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
