"""Noticing that the database is another one, on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from fmn.administration.models import DatabaseIdentity
from fmn.administration.restored_database import unsettled_since
from fmn.infra.database_identity import SKIPPED_IDS
from fmn.infra.db import Database
from fmn.people.models import User
from fmn.scheduler.periodic_jobs import database_check_jobs
from tests.factories.databases import tables_in


@pytest.fixture
def database(postgresql_url: str) -> Iterator[Database]:
    """A database that FMN knows."""
    with tables_in(postgresql_url) as made:
        made.detect_failover()
        yield made


def newcomer(database: Database, nick: str) -> int:
    with database.transaction() as session:
        user = User(nick=nick)
        session.add(user)
        session.flush()
        return user.id


def becomes_another(database: Database) -> None:
    """Let what is remembered be of another database, as after a promotion."""
    with database.transaction() as session:
        session.execute(update(DatabaseIdentity).values(identity="another one"))
    database.close()  # a failover cuts all connections


def test_nothing_is_left_out_of_the_same_one(database: Database) -> None:
    first = newcomer(database, "a")
    database.close()
    assert newcomer(database, "b") == first + 1
    with database.reading() as session:
        assert unsettled_since(session) is None


def test_many_who_connect_at_once_leave_numbers_out_once(database: Database) -> None:
    first = newcomer(database, "first")
    becomes_another(database)
    # When eight processes connect at the same time, each by itself
    others = [Database(database.url) for _ in range(8)]
    with ThreadPoolExecutor(len(others)) as pool:
        ids = list(pool.map(newcomer, others, "abcdefgh"))
    for other in others:
        other.close()
    # Then none of them is given a number from before, and there was one jump
    assert min(ids) > first + SKIPPED_IDS / 2
    assert max(ids) < first + 2 * SKIPPED_IDS
    with database.reading() as session:
        assert unsettled_since(session) is not None


def test_the_scheduler_looks_where_a_pooler_keeps_connections(database: Database) -> None:
    first = newcomer(database, "first")
    with database.transaction() as session:
        session.execute(update(DatabaseIdentity).values(identity="another one"))
    [job] = database_check_jobs(database)
    job.start()
    assert newcomer(database, "second") > first + SKIPPED_IDS / 2


def test_a_process_whose_role_may_set_no_sequence_leaves_numbers_out_as_well(database: Database) -> None:
    # Given a process whose role may only write rows
    first = newcomer(database, "first")
    with database.transaction() as session:
        session.execute(text("DROP ROLE IF EXISTS clerk"))
        session.execute(text("CREATE ROLE clerk LOGIN"))
        session.execute(text("GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO clerk"))
        session.execute(text("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO clerk"))
    clerk = Database(make_url(database.url).set(username="clerk").render_as_string(hide_password=False))
    try:
        becomes_another(database)
        # When it's the first one to connect to another database, then it gives none of the lost numbers
        assert newcomer(clerk, "second") > first + SKIPPED_IDS / 2
        # And it can't set any by itself
        with pytest.raises(ProgrammingError, match="permission denied"), clerk.transaction() as session:
            session.execute(text("SELECT setval('users_id_seq', 1)"))
    finally:
        clerk.close()
        with database.transaction() as session:
            session.execute(text("DROP OWNED BY clerk"))
            session.execute(text("DROP ROLE clerk"))
