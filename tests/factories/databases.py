"""Databases with all of FMN's tables and nothing in them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import psycopg2
from psycopg2 import InterfaceError, OperationalError, extensions
from sqlalchemy import make_url

from fmn.administration import models as administration
from fmn.filters import models as filters
from fmn.infra import migrations, slots
from fmn.infra.db import Base, Database
from fmn.ledger import models as ledger
from fmn.ledger.figures import models as figures
from fmn.people import models as people
from fmn.sources.backfill import models as catchup
from fmn.sources.webhooks import models as webhooks

#: Importing them is what makes their tables known.
MODELS = (administration, catchup, figures, filters, ledger, people, slots, webhooks)

#: The first id of a PostgreSQL table, and how far those of two tables are apart. Tests share a database, in
#: which ids go on counting: so none is one of another table, too, or one that a test takes for nobody's.
IDS_APART: Final = 10_000_000

_TERMINATE_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid != pg_backend_pid()")


@contextmanager
def tables_in(url: str) -> Iterator[Database]:
    """The database at ``url``, with all tables made in it."""
    file = make_url(url).database if url.startswith("sqlite:") else None
    copied = bool(file) and file != ":memory:" and not Path(str(file)).exists()
    if copied:
        Path(str(file)).write_bytes(_sqlite_file(frozenset(Base.metadata.tables)))
    database = Database(url)
    try:
        if not copied:
            Base.metadata.create_all(database.engine)
        yield database
    finally:
        database.close()


@cache
def _sqlite_file(_tables: Collection[str]) -> bytes:
    """A database file with these tables, which are all that there are. Making them takes 15 ms each time."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "fmn.sqlite")
        database = Database(f"sqlite:///{file}")
        Base.metadata.create_all(database.engine)
        database.close()
        return file.read_bytes()


@contextmanager
def current_revision(database: Database) -> Iterator[None]:
    """Let the tables, which were made without migrations, say that they're those of this version."""
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)")
        connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{migrations.head()}')")  # noqa: S608
    yield
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")


def keep_ids_apart(database: Database) -> None:
    """Let each table of a PostgreSQL database count its ids from a number of its own."""
    with database.engine.begin() as connection:
        names = connection.exec_driver_sql("SELECT sequencename FROM pg_sequences ORDER BY 1").scalars().all()
        for number, name in enumerate(names, start=1):
            connection.exec_driver_sql(f'ALTER SEQUENCE "{name}" RESTART WITH {number * IDS_APART}')


class RowDeleter:
    """Deletes every row of a PostgreSQL database, over one connection for many tests.

    PostgreSQL works 14 ms for a new connection that finds each table empty, and less than 1 ms for one that
    has done so before.
    """

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._connection: extensions.connection | None = None

    def delete(self) -> None:
        """Delete every row, throwing out whoever a failed test left connected."""
        try:
            self._execute()
        except (InterfaceError, OperationalError):  # a test stopped the server, or ended all connections
            self.close()
            self._execute()

    def _execute(self) -> None:
        if self._connection is None:
            url = self._url
            self._connection = psycopg2.connect(
                host=url.host, port=url.port, user=url.username, password=url.password, dbname=url.database)
            self._connection.autocommit = True
        with self._connection.cursor() as cursor:
            cursor.execute("; ".join([_TERMINATE_OTHERS, *_deletions()]))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@contextmanager
def emptied(url: str, rows: RowDeleter) -> Iterator[Database]:
    """The database at ``url``, which has its tables on PostgreSQL; ``rows`` empties them afterwards."""
    database = Database(url)
    try:
        yield database
    finally:
        database.close()
        rows.delete()


def empty(database: Database) -> None:
    """Delete every row, throwing out whoever a failed test left connected."""
    with database.transaction() as session:
        connection = session.connection()
        if database.embedded:
            for deletion in _deletions():
                connection.exec_driver_sql(deletion)
        else:  # at once: each test does this
            connection.exec_driver_sql("; ".join([_TERMINATE_OTHERS, *_deletions()]))


@cache
def _deletions() -> Sequence[str]:
    return [f'DELETE FROM "{table.name}"' for table in reversed(Base.metadata.sorted_tables)]  # noqa: S608 - ours
