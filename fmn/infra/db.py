"""Database access: engine, sessions, and the base of all tables, on SQLite and PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Engine,
    ExceptionContext,
    MetaData,
    Row,
    and_,
    create_engine,
    event,
    inspect,
    select,
    update,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import NullPool

from fmn.infra import metrics, recordset
from fmn.infra.clock import SharedClock, utc_now
from fmn.infra.column_types import clock_reading
from fmn.infra.database_identity import detect_failover
from fmn.infra.exit_handlers import close_at_exit
from fmn.infra.prepared_statements import KEEPS_PREPARED, PLANNER_PARAMETERS
from fmn.infra.public_ids import PublicId, new_nonce

#: Seconds that a writer on SQLite waits for another one. FMN's transactions are far shorter.
SQLITE_BUSY_SECONDS = 30

#: Milliseconds after which PostgreSQL ends an idle transaction and frees its locks: its process hung or its
#: host is down. FMN's transactions never pause that long.
IDLE_IN_TRANSACTION_TIMEOUT = 60_000
#: TCP keep-alive settings, in seconds, the last one in milliseconds. A dead host or a cut network is noticed
#: after 15 to 25 s, while waiting for an answer and while idle. The systems' defaults are 15 minutes and two
#: hours.
KEEPALIVES: Final[Mapping[str, int]] = {
    "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 15_000}
#: Parameters of connections to PostgreSQL.
CONNECTION_PARAMETERS: Final[Mapping[str, int]] = {"connect_timeout": 5, "keepalives": 1, **KEEPALIVES}
#: PostgreSQL's settings for a connection. It drops dead clients as soon as we notice dead servers, and frees
#: their locks: otherwise no other scheduler could lead for two hours after a leader's host died. JIT is off:
#: compiling takes a second where the planner overestimates rows, and FMN's longest statements take hundredths
#: of one. Random page reads cost less than the default, since data is in memory or on an SSD; else the
#: planner prefers reading whole tables.
SESSION_PARAMETERS: Final[Mapping[str, int | str]] = {
    "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_TIMEOUT,
    "jit": "off",
    "random_page_cost": "1.1",
    **{name if name.startswith("tcp_") else f"tcp_{name}": value for name, value in KEEPALIVES.items()},
}

#: Longest read of the database's clock, in seconds, from which skew is computed.
MAX_CLOCK_READING_SECONDS: Final = 1.0

#: Option of every table with generated ids. SQLite would reuse a deleted row's id, but keys of digests and
#: links in mails contain it and must not refer to another row.
NEVER_REUSED: Final = {"sqlite_autoincrement": True}

#: Execution option of a read-only transaction; SQLAlchemy's name for PostgreSQL.
READ_ONLY: Final = "postgresql_readonly"
#: The same for SQLite, whose driver has no such mode once FMN begins transactions itself.
AUTOCOMMIT: Final = "sqlite_autocommit"

#: Connections beyond the five that a pool keeps: each of a web process's threads, eight by default, may use
#: two, one to read and one to write, and must not wait for another.
MAX_OVERFLOW: Final = 20


class Base(DeclarativeBase):
    """Base class of all tables. Constraints have names, so that migrations can refer to them."""

    metadata = MetaData(naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    })


class PublicIdMixin:
    """Mixin of tables whose rows have public ids, see :mod:`fmn.infra.public_ids`.

    Rows older than migration 0015 have no nonce. Their links stay valid: a later row with the same id has a
    nonce, so the link can't refer to it.
    """

    id: Mapped[int]
    nonce: Mapped[int | None] = mapped_column(BigInteger, default=new_nonce)

    @property
    def public_id(self) -> PublicId:
        """The row's public id."""
        return PublicId(self.id, self.nonce)

    @classmethod
    def has_public_id(cls, name: PublicId) -> ColumnElement[bool]:
        """SQL condition: the row has this public id."""
        return and_(cls.id == name.id, cls.nonce == name.nonce)


def id_of_public_id(session: Session, table: type[PublicIdMixin], name: PublicId) -> int | None:
    """Id of the row with this public id; ``None`` if it's gone, even if another row has its id."""
    return session.scalar(select(table.id).where(table.has_public_id(name)))


class Database:
    """A database, its engine, transactions and clock."""

    def __init__(self, url: str, *, detects_failover: bool = True) -> None:
        """``detects_failover``: skip row ids after a failover, see :mod:`fmn.infra.database_identity`."""
        self.url = url
        self.engine = _engine(url, detects_failover=detects_failover)
        #: How far this host's clock was ahead of the database's at the last read.
        self.clock_skew = timedelta()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Session of a transaction: committed at the end, rolled back on an exception."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Session of a read-only transaction, which doesn't block writers on SQLite."""
        with Session(self.reading_engine, expire_on_commit=False) as session, session.begin():
            yield session

    def autocommit_connection(self) -> Connection:
        """A new connection in autocommit mode, which the caller closes.

        A statement takes one round trip, a transaction three. It keeps prepared statements, see
        :mod:`fmn.infra.prepared_statements`.
        """
        if self.embedded:
            return self.engine.connect().execution_options(**{AUTOCOMMIT: True})
        return self._autocommit_engine.connect()

    @cached_property
    def _autocommit_engine(self) -> Engine:
        url = self.engine.url
        options = " ".join([str(url.query.get("options", "")), _options(PLANNER_PARAMETERS)])
        return make_engine(
            url.update_query_dict({"options": options}), poolclass=NullPool, isolation_level="AUTOCOMMIT",
            execution_options={KEEPS_PREPARED: True})

    @cached_property
    def reading_engine(self) -> Engine:
        """Engine for read-only transactions. It shares the pool of the other engine."""
        return self.engine.execution_options(**{READ_ONLY: True})

    @property
    def embedded(self) -> bool:
        """Whether the database is a file (SQLite) rather than a server."""
        return self.engine.dialect.name == "sqlite"

    def advance_clock(self, read: datetime | None) -> None:
        """Advance the shared clock to a :class:`clock_reading` from a result; ``None`` on SQLite."""
        if read is not None:
            self._clock.advance_to(read)

    def now(self) -> datetime:
        """The time that all processes share: the database host's. On SQLite, this machine's.

        :raises ~sqlalchemy.exc.DBAPIError: the database is down and its clock was never read
        """
        return utc_now() if self.embedded else self._clock.now()

    @cached_property
    def _clock(self) -> SharedClock:
        return SharedClock(self._read_server_clock)

    def read_clock(self, engine: Engine | None = None) -> datetime | None:
        """Read the clock of the database's host, over ``engine`` if given; ``None`` on SQLite.

        :raises ~sqlalchemy.exc.DBAPIError: the database is down
        """
        return None if self.embedded else self._read_server_clock(engine)

    def _read_server_clock(self, engine: Engine | None = None) -> datetime:
        with (engine or self.engine).connect() as connection:
            before, began = utc_now(), time.monotonic()
            read = connection.execute(select(clock_reading())).scalar_one()
            took = time.monotonic() - began
        assert read is not None
        if took <= MAX_CLOCK_READING_SECONDS:
            # The server read its clock about halfway between our request and its answer.
            self.clock_skew = before + timedelta(seconds=took / 2) - read
            metrics.clock_skew_seconds.set(self.clock_skew.total_seconds())
        return read

    def detect_failover(self) -> None:
        """Detect a failover although no connection broke: a connection pooler may keep those open."""
        if not self.embedded:
            with self.engine.connect() as connection:
                detect_failover(connection.connection.driver_connection, None)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def make_engine(url: URL, **options: Any) -> Engine:
    """Engine whose errors contain no values, since some are addresses with passwords."""
    engine = create_engine(url, hide_parameters=True, **options)
    event.listen(engine, "handle_error", _strip_values)
    close_at_exit(engine)
    return engine


def _strip_values(context: ExceptionContext) -> None:
    """Cut an error of a statement after its first line: PostgreSQL's further lines contain values.

    With a driver that puts values into the statement, the excerpt of the statement contains them, too.
    """
    if context.statement is None:
        return
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            first_line, *_ = str(error.args[0]).strip().split("\n")
            error.args = (first_line, *error.args[1:])


def _engine(url: str, *, detects_failover: bool) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        # Test a connection before use, so that a restarted database causes no errors.
        engine = make_engine(_postgresql(parsed), pool_pre_ping=True, max_overflow=MAX_OVERFLOW)
        if detects_failover:
            event.listen(engine, "connect", detect_failover)
        return engine
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = make_engine(parsed, connect_args={"timeout": SQLITE_BUSY_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _postgresql(url: URL) -> URL:
    if url.drivername == "postgresql":
        # SQLAlchemy's default driver isn't the one that FMN installs.
        url = url.set(drivername="postgresql+psycopg2")
    ours = {
        **{name: str(value) for name, value in CONNECTION_PARAMETERS.items()},
        "options": _options(SESSION_PARAMETERS),
    }
    return url.set(query={**ours, **url.query})


def _options(parameters: Mapping[str, int | str]) -> str:
    """PostgreSQL's settings as an option of a connection."""
    return " ".join(f"-c {name}={value}" for name, value in parameters.items())


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # _begin_sqlite begins transactions
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    reads = bool(options.get(READ_ONLY))
    connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if reads else 'OFF'}")
    if options.get(AUTOCOMMIT):
        return
    # Take the write lock at once: a transaction that reads first and writes later would fail
    # if another one wrote between.
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def insert_new(
    session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]], *columns: Any,
) -> Sequence[Row[Any]]:
    """Insert the rows that violate no unique key, in their order; returns ``columns`` of the new ones."""
    if not rows:
        return []
    returned = columns or inspect(table).primary_key
    if session.get_bind().dialect.name == "postgresql":
        return recordset.insert_new(session, table, rows, [str(column.key) for column in returned])
    statement = sqlite.insert(table).on_conflict_do_nothing().returning(*returned)
    return session.execute(statement, rows).all()


def update_rows(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Update rows by their ``id``. All have the same keys: ``id``, and those of the columns to change.

    Objects of the session keep their values.
    """
    if not rows:
        return
    if session.get_bind().dialect.name == "postgresql":
        recordset.update_rows(session, table, rows)
    else:
        session.execute(update(table), rows, execution_options={"synchronize_session": None})
