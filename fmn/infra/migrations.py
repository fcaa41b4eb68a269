"""Schema migrations with Alembic: upgrade, downgrade, and checks of the schema's revision."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError, PendingRollbackError

from fmn.errors import OperatorError
from fmn.infra import database_roles
from fmn.infra.db import Database

#: Folder of the migrations: a link to the project's folder, or the folder itself in a wheel.
SCRIPTS: Final = Path(__file__).parents[1] / "alembic"
#: Number of PostgreSQL's advisory lock of who upgrades the tables; leadership has the one before.
LOCK: Final = 0x464D4E02


def upgrade(
    database: Database, revision: str = "head", on_step: Callable[[], object] = lambda: None,
) -> None:
    """Migrate the tables up to ``revision``, and grant the processes' roles the privileges they need.

    ``on_step`` is called after each migration. On PostgreSQL each one is a transaction: if it breaks off, it
    can be run again. Raises :class:`~fmn.errors.OperatorError` if it's running already.
    """
    with _transaction(database) if database.embedded else _locked(database) as connection:
        command.upgrade(_config(connection, on_step), revision)
    if revision == "head":
        grant(database)
    database.detect_failover()  # the table for the database's identity exists now


def grant(database: Database) -> Sequence[str]:
    """Grant the processes' roles the privileges they need on this version's tables; returns the roles."""
    with _transaction(database) as connection:
        return database_roles.grant(connection)


def downgrade(database: Database, revision: str) -> None:
    """Migrate the tables down to ``revision``."""
    with _transaction(database) as connection:
        command.downgrade(_config(connection), revision)


def pending_count(database: Database) -> int:
    """The number of migrations that :func:`upgrade` will apply."""
    with database.engine.connect() as connection:
        applied = MigrationContext.configure(connection).get_current_heads()
    scripts = ScriptDirectory.from_config(_config(None))
    if not set(applied) <= {script.revision for script in scripts.walk_revisions()}:
        return 0  # upgrade() says which one is unknown
    return sum(1 for _ in scripts.iterate_revisions("head", applied or "base"))


def is_current(database: Database) -> bool:
    """Whether the tables are those of this version."""
    with database.engine.connect() as connection:
        applied = MigrationContext.configure(connection).get_current_heads()
    return applied == (head(),)


def is_usable(engine: Engine) -> bool:
    """Whether this version can work with the tables: its own, or those of a newer version.

    During an upgrade, processes of the previous version work with migrated tables.
    """
    with engine.connect() as connection:
        applied = set(MigrationContext.configure(connection).get_current_heads())
    latest, known = _revisions()
    return bool(applied) and (applied == {latest} or not applied & known)


@cache
def _revisions() -> tuple[str, frozenset[str]]:
    """The latest revision, and all revisions that this version knows. Cached, since it reads all scripts."""
    scripts = ScriptDirectory.from_config(_config(None)).walk_revisions()
    return head(), frozenset(script.revision for script in scripts)


def head() -> str:
    """The revision of this version's tables."""
    revision = ScriptDirectory.from_config(_config(None)).get_current_head()
    assert revision is not None
    return revision


@contextmanager
def _locked(database: Database) -> Iterator[Connection]:
    """A connection to PostgreSQL in no transaction, while nobody else upgrades the tables."""
    with database.engine.connect() as connection:
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK}):
            raise OperatorError("fmn db upgrade is running already: wait until it's done")
        connection.commit()
        try:
            yield connection
        except (PendingRollbackError, OperationalError) as error:
            # Alembic may have tried to go on, which hides the first error.
            if isinstance(error, OperationalError) and not error.connection_invalidated:
                raise
            raise OperatorError(
                "fmn.database.url: lost the connection to PostgreSQL: run fmn db upgrade again") from error
        finally:
            connection.invalidate()  # the lock ends with PostgreSQL's session


@contextmanager
def _transaction(database: Database) -> Iterator[Connection]:
    with database.engine.connect() as connection:
        if database.embedded:
            # Alembic copies tables; dropping the old one would delete all rows that refer to its rows.
            # The switch doesn't work within a transaction, and the connection is used for nothing else.
            connection.detach()
            connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
        with connection.begin():
            yield connection


def _config(connection: Connection | None, on_step: Callable[[], object] = lambda: None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    config.attributes["on_step"] = on_step
    return config
