"""Indexes of big tables on PostgreSQL: nobody waits while a migration makes them, or makes them again."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from fmn.errors import OperatorError
from fmn.infra import migrations
from fmn.infra.db import Base, Database
from fmn.ledger.messages import store
from tests.factories.databases import MODELS
from tests.factories.messages import NOON, make_message
from tests.servers.waiting import wait_until

_INDEXING = text("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'"
                 " AND query LIKE 'CREATE INDEX CONCURRENTLY%' AND :user = ANY(pg_blocking_pids(pid))")
_INVALID = text("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")
#: What is migrated before, by revision, without anything that breaks off.
BEFORE = {"0028": "0027", "0036": "0035"}
#: What a transaction does for which an index that is being made waits.
WRITES = "LOCK TABLE {} IN ROW EXCLUSIVE MODE"
READS = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT 1"


@pytest.fixture
def old(postgresql_url: str) -> Iterator[Database]:
    """A database with tables from before the first of these indexes."""
    database = Database(postgresql_url)
    migrations.upgrade(database, "0024")
    yield database
    database.close()


@contextmanager
def upgrading(database: Database, revision: str, kept: str) -> Iterator[tuple[int, Future[None]]]:
    """An upgrade that waits for a transaction, which has run ``kept``; the process id of its backend."""
    with ThreadPoolExecutor(1) as thread, database.engine.connect() as user:
        user.execute(text(kept))
        # It waits for whoever looks at it, too, for a moment.
        waited_for = {"user": user.scalar(text("SELECT pg_backend_pid()"))}
        done = thread.submit(migrations.upgrade, database, revision)
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as watching:
            pid = wait_until(
                lambda: done.done() or watching.scalar(_INDEXING, waited_for), 20,
                "the upgrade makes no index")
            yield int(pid), done
        user.rollback()


def invalid(database: Database) -> list[str]:
    with database.engine.connect() as connection:
        return list(connection.scalars(_INVALID))


def test_messages_are_stored_while_an_index_of_them_is_made(old: Database) -> None:
    migrations.upgrade(old, "0029")
    with upgrading(old, "0030", WRITES.format("messages")) as (_, done):
        # Given an index that is being made, when messages arrive, then none waits for it
        with old.transaction() as session:
            session.execute(text("SET LOCAL lock_timeout = '5s'"))
            assert len(store(session, [make_message(1)], NOON)) == 1
        assert not done.done()
        # and nobody else upgrades the tables meanwhile
        with pytest.raises(OperatorError, match="running already"):
            migrations.upgrade(old)
    done.result()
    assert invalid(old) == []


def test_what_broke_off_is_done_again(old: Database) -> None:
    assert MODELS
    for revision, kept, left in (
            ("0025", WRITES.format("deliveries"), "ix_deliveries_digest_id_new"),
            ("0025", WRITES.format("notifications"), "ix_notifications_digest_id_new"),
            ("0028", READS, "ix_notifications_read"),  # a writer would keep it from adding columns
            ("0029", WRITES.format("messages"), "ix_messages_matched_at"),
            ("0029", WRITES.format("deliveries"), "ix_deliveries_finished_at"),
            ("0030", WRITES.format("messages"), "ix_messages_category"),
            ("0036", READS, "ix_messages_thread_key")):
        if revision in BEFORE:
            migrations.upgrade(old, BEFORE[revision])
        # Given an upgrade whose connection is lost while it makes an index
        with upgrading(old, revision, kept) as (pid, done):
            with old.transaction() as session:
                session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
            with pytest.raises(OperatorError, match="run fmn db upgrade again"):
                done.result()
        # Then the index is there, and isn't used
        assert invalid(old) == [left]
    # When it's run again
    migrations.upgrade(old)
    # Then all of them are
    assert invalid(old) == []
    with old.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
