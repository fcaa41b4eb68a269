"""Migrations up and down, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import delete, func, inspect, select, text

from fmn.infra import migrations
from fmn.infra.db import Base, Database
from fmn.ledger.messages import store
from fmn.ledger.models import Delivery, DeliveryState, StoredMessage
from fmn.people.models import DetailValue
from tests.factories.databases import MODELS, tables_in
from tests.factories.messages import NOON, make_message, recorded, stored
from tests.factories.people import make_person

pytestmark = pytest.mark.dialects


@pytest.fixture
def empty(database_url: str) -> Iterator[Database]:
    """A database without any table, of each kind in turn."""
    database = Database(database_url)
    yield database
    database.close()


def tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names()) - {"alembic_version"}


def test_go_up_and_down_and_up_again(empty: Database) -> None:
    assert not migrations.is_current(empty)
    migrations.upgrade(empty)
    assert migrations.is_current(empty)
    assert tables(empty) == set(Base.metadata.tables)
    migrations.downgrade(empty, "base")
    assert not migrations.is_current(empty)
    assert tables(empty) - {"sqlite_sequence"} == set()
    migrations.upgrade(empty)
    assert tables(empty) == set(Base.metadata.tables)


def test_going_up_twice_changes_nothing(empty: Database) -> None:
    migrations.upgrade(empty)
    make_person(empty)
    migrations.upgrade(empty)
    with empty.transaction() as session:
        assert session.scalar(select(func.count()).select_from(DetailValue)) == 1


# It can't tell that SQLite has none of them
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
def test_make_the_tables_that_models_describe(empty: Database) -> None:
    assert MODELS
    migrations.upgrade(empty)
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_have_tables_vacuumed_that_grow_with_traffic(empty: Database) -> None:
    migrations.upgrade(empty)
    if empty.embedded:
        return
    with empty.transaction() as session:
        rows = session.execute(text(
            "SELECT relname, reloptions FROM pg_class WHERE reloptions IS NOT NULL AND relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace")).all()
    early = "autovacuum_vacuum_scale_factor=0.05"
    assert {row.relname: row.reloptions for row in rows} == {
        "messages": [early], "notifications": [early], "deliveries": [early, "fillfactor=70"]}


def test_make_tables_in_which_the_ledger_works(empty: Database) -> None:
    # Alembic doesn't compare everything, so let the tables be used
    migrations.upgrade(empty)
    recorded(empty, stored(empty, 1), make_person(empty).recipient)
    with empty.transaction() as session:
        assert session.scalars(select(Delivery.state)).all() == [DeliveryState.WAITING]


def test_number_rows_as_models_do(tmp_path: Path) -> None:
    """Alembic doesn't compare whether SQLite may give a deleted row's number to another one."""
    migrated = Database(f"sqlite:///{tmp_path}/migrated.sqlite")
    migrations.upgrade(migrated)
    with tables_in(f"sqlite:///{tmp_path}/described.sqlite") as described:
        assert numbered_for_ever(migrated) == numbered_for_ever(described) >= {"notifications", "users"}
    migrated.close()


def numbered_for_ever(database: Database) -> set[str]:
    numbered = text("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'")
    with database.engine.connect() as connection:
        return set(connection.scalars(numbered))


def test_remember_what_was_in_the_ledger_and_undo_that(empty: Database) -> None:
    # Given messages from before ids were remembered
    migrations.upgrade(empty)
    messages = [replace(make_message(number), signer="oven01") for number in range(3)]
    with empty.transaction() as session:
        store(session, messages, NOON)
    migrations.downgrade(empty, "0012")
    # When that begins
    migrations.upgrade(empty)
    # Then they're known also when they're deleted
    with empty.transaction() as session:
        session.execute(delete(StoredMessage))
        assert store(session, messages, NOON) == []


def test_going_down_keeps_the_first_of_the_messages_with_one_id(empty: Database) -> None:
    migrations.upgrade(empty)
    first = replace(make_message(1), signer="oven01")
    with empty.transaction() as session:
        store(session, [first, replace(first, signer="oven02")], NOON)
    migrations.downgrade(empty, "0012")
    migrations.upgrade(empty)
    with empty.transaction() as session:
        assert session.scalars(select(StoredMessage.signer)).all() == ["oven01"]


def test_that_copy_a_table_keep_what_refers_to_its_rows(
    empty: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given people, and a migration that changes their preferences in a way that SQLite can't do in place
    migrations.upgrade(empty)
    make_person(empty)

    def change_preferences(config: Config, _revision: Any) -> None:
        operations = Operations(MigrationContext.configure(config.attributes["connection"]))
        with operations.batch_alter_table("preferences", recreate="auto") as batch:
            batch.alter_column("context", new_column_name="way")

    monkeypatch.setattr(command, "upgrade", change_preferences)
    # When it's run
    migrations.upgrade(empty)
    # Then their addresses and filters are still there
    with empty.engine.connect() as connection:
        for table in ("detail_values", "filters"):
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 1  # noqa: S608 - our own names
        # and references are enforced as before
        if empty.embedded:
            assert connection.scalar(text("PRAGMA foreign_keys")) == 1


def test_that_fail_leave_nothing_behind(empty: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    migrations.upgrade(empty)

    def fail(config: Config, _revision: Any) -> None:
        config.attributes["connection"].execute(text("DROP TABLE slots"))
        raise ZeroDivisionError

    monkeypatch.setattr(command, "upgrade", fail)
    with pytest.raises(ZeroDivisionError):
        migrations.upgrade(empty)
    assert "slots" in tables(empty)


def test_each_pending_migration_is_counted_and_reported_once(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/fmn.sqlite")
    with closing(database):
        # Given tables of an old version
        migrations.upgrade(database, "0004")
        pending = migrations.pending_count(database)
        assert pending > 0
        # When they're upgraded, then each migration is reported
        steps: list[None] = []
        migrations.upgrade(database, on_step=lambda: steps.append(None))
        assert (len(steps), migrations.pending_count(database)) == (pending, 0)
