from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fmn.infra.db import Base, Database
from tests.factories.database_roles import RoleDatabase, database_with_roles
from tests.factories.databases import RowDeleter, emptied, keep_ids_apart, tables_in
from tests.servers.postgresql import PostgreSQL


@pytest.fixture(scope="session")
def postgresql_tables(postgresql: PostgreSQL) -> Iterator[str]:
    """A PostgreSQL database with all tables. Making one takes half a second, so tests share it."""
    url = postgresql.create_database()
    with tables_in(url) as database:
        keep_ids_apart(database)
    yield url
    postgresql.drop_database(url)


@pytest.fixture(scope="session")
def postgresql_rows(postgresql_tables: str) -> Iterator[RowDeleter]:
    """What empties that database after each test."""
    rows = RowDeleter(postgresql_tables)
    yield rows
    rows.close()


@pytest.fixture
def postgresql_database(postgresql_tables: str, postgresql_rows: RowDeleter) -> Iterator[Database]:
    """An empty PostgreSQL database with all tables, for what only happens between several connections."""
    with emptied(postgresql_tables, postgresql_rows) as database:
        yield database


@pytest.fixture
def database(request: pytest.FixtureRequest, dialect: str, tmp_path: Path) -> Iterator[Database]:
    """An empty database with all tables. On both dialects for tests marked ``dialects``."""
    if dialect == "sqlite":
        with tables_in(f"sqlite:///{tmp_path}/fmn.sqlite") as database:
            yield database
    else:
        yield request.getfixturevalue("postgresql_database")


@pytest.fixture(scope="session")
def role_database(postgresql: PostgreSQL) -> Iterator[RoleDatabase]:
    """A PostgreSQL database with a role for each kind of process; tests share it."""
    with database_with_roles(postgresql) as made:
        yield made


@pytest.fixture
def roles(role_database: RoleDatabase) -> Iterator[RoleDatabase]:
    """The same without rows; what is refused there from now on is noted."""
    role_database.denied.clear()
    yield role_database
    database = Database(role_database.url)
    with database.transaction() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())
    database.close()


@pytest.fixture
def owned(roles: RoleDatabase) -> Iterator[Database]:
    """The same as its owner sees it."""
    database = roles.owned()
    yield database
    database.close()
