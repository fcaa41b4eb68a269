"""The database: engine, sessions, and the few types that SQLite and PostgreSQL must agree on."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Dialect,
    Engine,
    ExceptionContext,
    Integer,
    MetaData,
    Row,
    Text,
    and_,
    create_engine,
    event,
    inspect,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import NullPool
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from fmn.infra import metrics
from fmn.infra.clock import SharedClock, utc_now
from fmn.infra.failover import detect_failover
from fmn.infra.public_ids import PublicId, new_nonce

#: A writer on SQLite waits this long for another one; every transaction of ours is far shorter.
SQLITE_BUSY_SECONDS = 30

#: A process that hung, or a host that vanished, in the middle of a transaction: PostgreSQL gives others what
#: it has locked after so many milliseconds. No transaction of ours pauses for more than a moment.
IDLE_IN_TRANSACTION_TIMEOUT = 60_000
#: Seconds, but for the last one, in milliseconds: a host that died, or a network that was cut, without a word
#: is noticed after 15 to 25 s, whether one waits for an answer or isn't even asking. Systems themselves wait
#: a quarter of an hour for the one, and two hours for the other.
KEEPALIVES: Final[Mapping[str, int]] = {
    "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 15_000}
#: How we connect to PostgreSQL.
CONNECTION_PARAMETERS: Final[Mapping[str, int]] = {"connect_timeout": 5, "keepalives": 1, **KEEPALIVES}
#: How PostgreSQL is to look at the connection. Whoever vanished is forgotten just as soon, and what they had
#: locked is free again: without that, nobody else would lead for two hours after a leader's host died. It
#: isn't to compile statements: that takes it a second, where it expects more rows than there are, and the
#: longest of ours take hundredths of one. And what it looks up by an index is in memory or on a disk without
#: heads; it would rather read whole tables, if that weren't said.
SESSION_PARAMETERS: Final[Mapping[str, int | str]] = {
    "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_TIMEOUT,
    "jit": "off",
    "random_page_cost": "1.1",
    **{name if name.startswith("tcp_") else f"tcp_{name}": value for name, value in KEEPALIVES.items()},
}

#: Seconds that reading the database's clock may take for it to say something about our own.
MAX_CLOCK_READING_SECONDS: Final = 1.0

#: Row ids: SQLite only numbers rows by itself in a column that is exactly INTEGER.
RowId = BigInteger().with_variant(Integer, "sqlite")
#: Option of every table that numbers its rows. SQLite would give the number of a deleted row to a new one,
#: but digests' keys and links in mails remember it, and mustn't mean another row one day.
NEVER_REUSED: Final = {"sqlite_autoincrement": True}

#: Execution option of a transaction that only reads; the name is SQLAlchemy's, for PostgreSQL.
READ_ONLY: Final = "postgresql_readonly"
#: Execution option for SQLite, whose driver has no such mode once we begin transactions ourselves.
AUTOCOMMIT: Final = "sqlite_autocommit"

_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")


#: Connections beyond the five that a pool keeps: a web process's threads, eight by default, may each have
#: two, one that reads and one that writes, and mustn't wait for each other.
MAX_OVERFLOW: Final = 20


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes in UTC, on SQLite too, which knows no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class JsonText(TypeDecorator[Any]):
    """JSON kept as ASCII text: no character in it can upset a database, and what goes in comes out."""

    impl = Text
    cache_ok = True
    #: ``None`` is a value, JSON's null, and no missing one.
    should_evaluate_none = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return json.dumps(value, separators=(",", ":"), allow_nan=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class StorableText(TypeDecorator[str]):
    """Text from outside: what databases refuse in it, NUL and lone surrogates, becomes U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return value if value is None else _UNSTORABLE.sub("\ufffd", value)


class clock_reading(FunctionElement[datetime]):  # noqa: N801 - it's used as a function of SQL
    """The clock of the database's host when a row is read or written; ``NULL`` on SQLite, which has none."""

    type = UtcDateTime()
    inherit_cache = True


@compiles(clock_reading, "postgresql")
def _compile_for_postgresql(_element: clock_reading, _compiler: SQLCompiler, **_options: Any) -> str:
    return "clock_timestamp()"


@compiles(clock_reading, "sqlite")
def _compile_for_sqlite(_element: clock_reading, _compiler: SQLCompiler, **_options: Any) -> str:
    return "NULL"


class Base(DeclarativeBase):
    """All tables. Constraints have names, so that migrations can speak of them."""

    metadata = MetaData(naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    })


class PublicIdMixin:
    """A table whose rows are named outside, in links and the like, see :mod:`fmn.infra.public_ids`.

    Rows that were there before migration 0015 have no nonce. Their links go on working: any row that is given
    one of their numbers later has a nonce, so nothing else can be meant.
    """

    id: Mapped[int]
    nonce: Mapped[int | None] = mapped_column(BigInteger, default=new_nonce)

    @property
    def public_id(self) -> PublicId:
        """What it's called outside."""
        return PublicId(self.id, self.nonce)

    @classmethod
    def has_public_id(cls, name: PublicId) -> ColumnElement[bool]:
        """Whether a row is the one of this name."""
        return and_(cls.id == name.id, cls.nonce == name.nonce)


def id_of_public_id(session: Session, table: type[PublicIdMixin], name: PublicId) -> int | None:
    """The number of the row of this name; ``None`` if that's gone, whichever row has its number now."""
    return session.scalar(select(table.id).where(table.has_public_id(name)))


class Database:
    """One database, and transactions on it."""

    def __init__(self, url: str, *, detects_failover: bool = True) -> None:
        """``detects_failover``: skip row ids after a failover, see :mod:`fmn.infra.failover`."""
        self.url = url
        self.engine = _engine(url, detects_failover=detects_failover)
        #: How far this host's clock was ahead of the database's when that was last asked.
        self.clock_skew = timedelta()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose changes are committed at the end, or rolled back if an exception leaves it."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that can only read, and on SQLite lets others write meanwhile."""
        with Session(self.reading_engine, expire_on_commit=False) as session, session.begin():
            yield session

    def autocommit_connection(self) -> Connection:
        """A connection of its own for statements that are transactions each; who asks for it closes it.

        A server is told of one in one go, where a transaction takes three.
        """
        if self.embedded:
            return self.engine.connect().execution_options(**{AUTOCOMMIT: True})
        return self._autocommit_engine.connect()

    @cached_property
    def _autocommit_engine(self) -> Engine:
        return make_engine(self.engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")

    @cached_property
    def reading_engine(self) -> Engine:
        """The engine for transactions that only read; it shares its connections with the other."""
        return self.engine.execution_options(**{READ_ONLY: True})

    @property
    def embedded(self) -> bool:
        """Whether this is a file of one host rather than a server."""
        return self.engine.dialect.name == "sqlite"

    def advance_clock(self, read: datetime | None) -> None:
        """Take note of a :class:`clock_reading` that came along with an answer, ``None`` of a file."""
        if read is not None:
            self._clock.advance_to(read)

    def now(self) -> datetime:
        """The time that all processes of an installation agree on: that of the database's host.

        Raises an error of the database if it's away and never told it. A file's time is that of this machine.
        """
        return utc_now() if self.embedded else self._clock.now()

    @cached_property
    def _clock(self) -> SharedClock:
        return SharedClock(self._read_server_clock)

    def read_clock(self, engine: Engine | None = None) -> datetime | None:
        """Ask the database's host for the time; ``None`` of a file. Raises an error of the database.

        Over a connection of ``engine``, if that's given.
        """
        return None if self.embedded else self._read_server_clock(engine)

    def _read_server_clock(self, engine: Engine | None = None) -> datetime:
        with (engine or self.engine).connect() as connection:
            before, began = utc_now(), time.monotonic()
            read = connection.execute(select(clock_reading())).scalar_one()
            took = time.monotonic() - began
        assert read is not None
        if took <= MAX_CLOCK_READING_SECONDS:
            # It was read about halfway between the question and the answer.
            self.clock_skew = before + timedelta(seconds=took / 2) - read
            metrics.clock_skew_seconds.set(self.clock_skew.total_seconds())
        return read

    def detect_failover(self) -> None:
        """Look whether it's still the one it was, though no connection broke: a pooler may keep those."""
        if not self.embedded:
            with self.engine.connect() as connection:
                detect_failover(connection.connection.driver_connection, None)

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def make_engine(url: URL, **options: Any) -> Engine:
    """An engine whose errors say nothing of values: there are addresses with passwords among them."""
    engine = create_engine(url, hide_parameters=True, **options)
    event.listen(engine, "handle_error", _strip_values)
    return engine


def _strip_values(context: ExceptionContext) -> None:
    """Let an error of a statement end with its first line, as PostgreSQL says which values it's about below.

    A driver that puts the values into the statement has them in the excerpt, too, that shows what's wrong.
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
        # A database that was restarted must not cost anyone an error: test a connection before use.
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
        # SQLAlchemy's default is another driver than the one we install.
        url = url.set(drivername="postgresql+psycopg2")
    ours = {
        **{name: str(value) for name, value in CONNECTION_PARAMETERS.items()},
        "options": " ".join(f"-c {name}={value}" for name, value in SESSION_PARAMETERS.items()),
    }
    return url.set(query={**ours, **url.query})


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin when we say so, see _begin_sqlite
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    reads = bool(options.get(READ_ONLY))
    connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if reads else 'OFF'}")
    if options.get(AUTOCOMMIT):
        return
    # Taking the write lock at once: a transaction that reads first and writes later would fail
    # if another one wrote between.
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def insert_new(
    session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]], *columns: Any,
) -> Sequence[Row[Any]]:
    """Insert the rows that aren't there yet, by any unique key; returns ``columns`` of the new ones."""
    if not rows:
        return []
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    statement = insert.on_conflict_do_nothing().returning(*(columns or inspect(table).primary_key))
    return session.execute(statement, rows).all()
