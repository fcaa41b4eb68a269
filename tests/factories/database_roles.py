"""A PostgreSQL database as the playbooks make it: its owner, and a role for each kind of process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from psycopg2.errors import InsufficientPrivilege
from sqlalchemy import Engine, create_engine, event, func, select, text
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.pool import NullPool

from fmn.infra import migrations
from fmn.infra.database_roles import PRIVILEGES
from fmn.infra.db import Base, Database
from tests.servers.postgresql import PostgreSQL

OWNER = "fmn"


@dataclass
class RoleDatabase:
    """One database, and what its server refused."""

    url: str
    denied: list[str] = field(default_factory=list)

    def url_of(self, role: str) -> str:
        """The database's address for a role."""
        return make_url(self.url).set(username=role).render_as_string(hide_password=False)

    def owned(self) -> Database:
        """The database, as its owner sees it."""
        return Database(self.url_of(OWNER))

    def of(self, kind: str) -> Database:
        """The database, as a process of this kind sees it."""
        return Database(self.url_of(f"{OWNER}_{kind}"))

    def note(self, context: ExceptionContext) -> None:
        """Note what was refused, whoever catches the error."""
        if isinstance(context.original_exception, InsufficientPrivilege):
            self.denied.append(f"{context.original_exception} {context.statement}")


def rows(database: Database, table: type[Base]) -> int:
    """How many rows a table has."""
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@contextmanager
def database_with_roles(postgresql: PostgreSQL) -> Iterator[RoleDatabase]:
    """A migrated database with an owner and a role for each kind of process."""
    url = postgresql.create_database()
    made = RoleDatabase(url)
    names = [OWNER, *(f"{OWNER}_{kind}" for kind in PRIVILEGES)]
    # Others may stop and start the server meanwhile.
    administrator = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    try:
        with administrator.connect() as connection:
            for name in names:
                connection.execute(text(f"CREATE ROLE {name} LOGIN"))
            connection.execute(text(f"ALTER DATABASE {make_url(url).database} OWNER TO {OWNER}"))
        migrations.upgrade(made.owned())
        event.listen(Engine, "handle_error", made.note)
        yield made
    finally:
        if event.contains(Engine, "handle_error", made.note):
            event.remove(Engine, "handle_error", made.note)
        with administrator.connect() as connection:
            connection.execute(text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid != pg_backend_pid()"))
            for name in reversed(names):
                connection.execute(text(f"DROP OWNED BY {name} CASCADE"))
                connection.execute(text(f"ALTER DATABASE {make_url(url).database} OWNER TO postgres"))
                connection.execute(text(f"DROP ROLE {name}"))
        administrator.dispose()
        postgresql.drop_database(url)
