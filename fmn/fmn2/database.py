"""Read-only access to an FMN 2 database: people with their preferences, filters and addresses.

Its tables are those of FMN 2.x: ``users``, ``preferences``, ``filters``, ``rules``, ``detail_values``,
``confirmations`` and ``queued_messages``. Columns that an older installation lacks get the defaults with
which FMN 2 added them later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    DateTime,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    func,
    inspect,
    literal,
    select,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from fmn.errors import OperatorError
from fmn.infra.db import make_engine
from fmn.settings.masking import masked

#: People read at a time; FMN 2 had about 170 rules for each.
AT_ONCE: Final = 100
#: Status of an accepted confirmation, whose address is among the detail values.
ACCEPTED: Final = "accepted"

_TABLES: Final = MetaData()
_USERS: Final = Table(
    "users", _TABLES, Column("openid", Text, primary_key=True))
_PREFERENCES: Final = Table(
    "preferences", _TABLES, Column("id", Integer, primary_key=True), Column("openid", Text),
    Column("context_name", String), Column("enabled", Boolean), Column("batch_delta", Integer),
    Column("batch_count", Integer), Column("markup_messages", Boolean), Column("triggered_by_links", Boolean),
    Column("shorten_links", Boolean), Column("verbose", Boolean))
_FILTERS: Final = Table(
    "filters", _TABLES, Column("id", Integer, primary_key=True), Column("preference_id", Integer),
    Column("name", String), Column("active", Boolean), Column("oneshot", Boolean))
_RULES: Final = Table(
    "rules", _TABLES, Column("id", Integer, primary_key=True), Column("filter_id", Integer),
    Column("code_path", String), Column("_arguments", String), Column("negated", Boolean))
_DETAILS: Final = Table(
    "detail_values", _TABLES, Column("id", Integer, primary_key=True), Column("preference_id", Integer),
    Column("value", String), Column("created_on", DateTime))
_CONFIRMATIONS: Final = Table(
    "confirmations", _TABLES, Column("id", Integer, primary_key=True), Column("openid", Text),
    Column("context_name", String), Column("status", String), Column("detail_value", String))
_QUEUED: Final = Table("queued_messages", _TABLES, Column("id", Integer, primary_key=True))

#: Defaults of columns that FMN 2 added later, where they are missing or empty.
_LATER: Final[Mapping[str, Any]] = {
    "active": True, "oneshot": False, "negated": False, "markup_messages": False, "triggered_by_links": False,
    "shorten_links": False, "verbose": True, "created_on": None,
}


@dataclass(frozen=True)
class OldRule:
    """A rule of FMN 2: the path of its function (``module:name``), and its arguments as JSON text."""

    code_path: str
    arguments: str | None
    negated: bool = False


@dataclass(frozen=True)
class OldFilter:
    """A filter of FMN 2: all of its rules have to match."""

    name: str
    rules: Sequence[OldRule]
    active: bool = True
    oneshot: bool = False


@dataclass(frozen=True)
class OldAddress:
    """A confirmed address."""

    value: str
    confirmed_at: datetime | None


@dataclass(frozen=True)
class OldPreference:
    """A person's preference in one context. With a delta (in seconds) or a count, FMN 2 sent digests."""

    context: str
    enabled: bool
    batch_delta: int | None
    batch_count: int | None
    markup_messages: bool
    triggered_by_links: bool
    shorten_links: bool
    verbose: bool
    addresses: Sequence[OldAddress]
    filters: Sequence[OldFilter]


@dataclass(frozen=True)
class OldPerson:
    """A person of FMN 2, by their OpenID. ``unconfirmed`` are pairs of a context and an address."""

    openid: str
    preferences: Sequence[OldPreference]
    unconfirmed: Sequence[tuple[str, str]] = ()


class OldDatabase:
    """An FMN 2 database. Raises :class:`~fmn.errors.OperatorError` if it can't be read or isn't one."""

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)
        with self._connected() as connection:
            self._columns = {name: _columns_of(connection, name) for name in _TABLES.tables}
        for table in _TABLES.sorted_tables:
            needed = {column.name for column in table.columns} - _LATER.keys()
            if table is not _QUEUED and not needed <= self._columns[table.name]:
                missing = ", ".join(sorted(needed - self._columns[table.name]))
                raise OperatorError(
                    f"this is no database of FMN 2: its table {table.name} lacks {missing}, or isn't there")

    def people_count(self) -> int:
        """The number of people."""
        return self._count(_USERS)

    def queued_count(self) -> int:
        """The number of messages that wait for digests."""
        return self._count(_QUEUED) if self._columns[_QUEUED.name] else 0

    def people(self) -> Iterator[OldPerson]:
        """Yield everybody in the order of OpenIDs, read in batches."""
        last = ""
        while True:
            with self._connected() as connection:
                found = self._some(connection, last)
            yield from found
            if len(found) < AT_ONCE:
                return
            last = found[-1].openid

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _count(self, table: Table) -> int:
        with self._connected() as connection:
            return connection.scalar(select(func.count()).select_from(table)) or 0

    def _some(self, connection: Connection, last: str) -> Sequence[OldPerson]:
        openids = connection.scalars(
            select(_USERS.c.openid).where(_USERS.c.openid > last).order_by(_USERS.c.openid).limit(AT_ONCE)
        ).all()
        preferences = self._read(connection, _PREFERENCES, _PREFERENCES.c.openid, openids, "openid")
        ids = [row["id"] for rows in preferences.values() for row in rows]
        details = self._read(connection, _DETAILS, _DETAILS.c.preference_id, ids, "preference_id")
        filters = self._read(connection, _FILTERS, _FILTERS.c.preference_id, ids, "preference_id")
        filter_ids = [row["id"] for rows in filters.values() for row in rows]
        rules = self._read(connection, _RULES, _RULES.c.filter_id, filter_ids, "filter_id")
        asked = self._read(connection, _CONFIRMATIONS, _CONFIRMATIONS.c.openid, openids, "openid")
        return [
            OldPerson(
                openid,
                [_preference(row, details[row["id"]], filters[row["id"]], rules)
                 for row in preferences[openid]],
                [(row["context_name"], row["detail_value"]) for row in asked[openid]
                 if row["status"] != ACCEPTED and row["detail_value"]])
            for openid in openids
        ]

    def _read(
        self, connection: Connection, table: Table, column: Column[Any], wanted: Sequence[Any], key: str,
    ) -> Mapping[Any, Sequence[Mapping[str, Any]]]:
        """Read the rows whose ``column`` is among ``wanted``, grouped by ``key``, in the order of ids."""
        there = self._columns[table.name]
        columns = [each if each.name in there else literal(None).label(each.name) for each in table.columns]
        found: defaultdict[Any, list[Mapping[str, Any]]] = defaultdict(list)
        for start in range(0, len(wanted), 1_000):  # databases take only so many parameters
            some = select(*columns).where(column.in_(wanted[start:start + 1_000])).order_by(table.c.id)
            for row in connection.execute(some).mappings():
                found[row[key]].append({
                    name: _LATER.get(name) if value is None else value for name, value in row.items()})
        return found

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except DBAPIError as error:
            raise OperatorError(f"the database of FMN 2 can't be read: {str(error.orig).strip()}") from error


def _columns_of(connection: Connection, table: str) -> frozenset[str]:
    inspector = inspect(connection)
    columns = inspector.get_columns(table) if inspector.has_table(table) else []
    return frozenset(each["name"] for each in columns)


def _preference(
    row: Mapping[str, Any], details: Sequence[Mapping[str, Any]], filters: Sequence[Mapping[str, Any]],
    rules: Mapping[Any, Sequence[Mapping[str, Any]]],
) -> OldPreference:
    return OldPreference(
        row["context_name"], bool(row["enabled"]), row["batch_delta"], row["batch_count"],
        row["markup_messages"], row["triggered_by_links"], row["shorten_links"], row["verbose"],
        [OldAddress(each["value"], _utc(each["created_on"])) for each in details if each["value"]],
        [OldFilter(
            each["name"] or "",
            [OldRule(rule["code_path"] or "", rule["_arguments"], rule["negated"])
             for rule in rules.get(each["id"], ())],
            each["active"], each["oneshot"])
         for each in filters])


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return make_engine(_sqlite(parsed))
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg2")
        return make_engine(parsed, execution_options={"postgresql_readonly": True})
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise OperatorError(
            f"this is no URL of a database that can be read: {masked(str(error))}") from error


def _sqlite(url: URL) -> URL:
    """The URL in SQLite's read-only mode, which doesn't create a missing file either."""
    path = Path(url.database or "")
    if not path.is_file():
        raise OperatorError(f"there is no file {path}")
    return url.set(database=f"file:{path.resolve()}", query={"mode": "ro", "uri": "true"})
