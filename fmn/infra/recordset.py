"""Record sets: any number of rows as one parameter of a PostgreSQL statement, in JSON.

A statement with a placeholder for each value takes longer to build, and PostgreSQL longer to parse, than its
rows take to be written. ``json_to_recordset`` makes rows of one text, so that the statement is the same for
any number of them, and made once. Values are converted as the columns' types do it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from typing import Any, Final

import msgspec
from sqlalchemy import (
    Column,
    ColumnDefault,
    LargeBinary,
    Row,
    String,
    Table,
    TableValuedAlias,
    Text,
    bindparam,
    column,
    func,
    inspect,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.schema import DefaultGenerator
from sqlalchemy.types import TypeEngine

#: Name of the parameter.
ROWS: Final = "rows"

_DIALECT: Final = PGDialect_psycopg2()  # type: ignore[no-untyped-call]
_ENCODE: Final = msgspec.json.Encoder().encode


class RecordSet:
    """The rows that a statement is given, by the keys that name their values. Made once a statement."""

    def __init__(self, columns: Mapping[str, Column[Any]]) -> None:
        self._converters = [
            (key, convert) for key, each in columns.items() if (convert := _converter(each.type)) is not None]
        #: What the rows are in a statement's FROM.
        self.table: TableValuedAlias = (
            func.json_to_recordset(bindparam(ROWS, type_=Text))
            .table_valued(*(column(key, _type_in_json(each.type)) for key, each in columns.items()))
            .render_derived(name="given", with_types=True))

    def parameters(self, rows: Iterable[Mapping[str, Any]]) -> Mapping[str, str]:
        """The parameter that gives a statement these rows. A missing value is ``NULL``."""
        return {ROWS: _ENCODE([self._converted(row) for row in rows]).decode()}

    def _converted(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        values = dict(row)
        for key, convert in self._converters:
            if key in values:
                values[key] = convert(values[key])
        return values


def _type_in_json(of_column: TypeEngine[Any]) -> TypeEngine[Any]:
    """A column's type. Text has no length, so that PostgreSQL refuses what is too long for the column."""
    return Text() if isinstance(of_column, String) else of_column


def _converter(of_column: TypeEngine[Any]) -> Callable[[Any], Any] | None:
    """What converts a column's values for JSON, unless they stay as they are."""
    if isinstance(of_column, LargeBinary):
        return _hexadecimal
    return of_column.dialect_impl(_DIALECT).bind_processor(_DIALECT)


def _table(model: type[DeclarativeBase]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


def _hexadecimal(value: bytes | None) -> str | None:
    return None if value is None else f"\\x{value.hex()}"


class _Insert:
    """An INSERT of rows with these keys that violate no unique key."""

    def __init__(self, table: type[DeclarativeBase], keys: frozenset[str], returned: Sequence[str]) -> None:
        columns = inspect(table).columns
        self._defaults = [
            (key, _default(each.default)) for key, each in columns.items()
            if key not in keys and each.default is not None]
        filled = {key: columns[key] for key in sorted(keys.union(key for key, _ in self._defaults))}
        self._given = RecordSet(filled)
        self._statement = (
            insert(_table(table))
            .from_select(list(filled.values()), select(*self._given.table.c), include_defaults=False)
            .on_conflict_do_nothing()
            .returning(*(columns[key] for key in returned)))

    def execute(self, session: Session, rows: Iterable[Mapping[str, Any]]) -> Sequence[Row[Any]]:
        """Insert the rows in their order; returns columns of the new ones."""
        if self._defaults:
            rows = [{**row, **{key: default() for key, default in self._defaults}} for row in rows]
        return session.connection().execute(self._statement, self._given.parameters(rows)).all()


def _default(default: DefaultGenerator) -> Callable[[], Any]:
    """Makes the value of a column that a row leaves out."""
    assert isinstance(default, ColumnDefault)
    value = default.arg
    return partial(value, None) if default.is_callable else lambda: value


@cache
def _insert(table: type[DeclarativeBase], keys: frozenset[str], returned: Sequence[str]) -> _Insert:
    return _Insert(table, keys, returned)


def insert_new(
    session: Session, table: type[DeclarativeBase], rows: Sequence[Mapping[str, Any]],
    returned: Iterable[str],
) -> Sequence[Row[Any]]:
    """Insert the rows that violate no unique key, in their order; returns these columns of the new ones."""
    return _insert(table, frozenset[str]().union(*rows), tuple(returned)).execute(session, rows)


class _Update:
    """An UPDATE of rows by their ``id``."""

    def __init__(self, table: type[DeclarativeBase], keys: frozenset[str]) -> None:
        columns = inspect(table).columns
        self._given = RecordSet({key: columns[key] for key in sorted(keys)})
        given = self._given.table.c
        self._statement = (
            update(_table(table))
            .where(columns["id"] == given["id"])
            .values({columns[key]: given[key] for key in sorted(keys - {"id"})}))

    def execute(self, session: Session, rows: Iterable[Mapping[str, Any]]) -> None:
        """Update the rows."""
        session.connection().execute(self._statement, self._given.parameters(rows))


@cache
def _update(table: type[DeclarativeBase], keys: frozenset[str]) -> _Update:
    return _Update(table, keys)


def update_rows(session: Session, table: type[DeclarativeBase], rows: Sequence[Mapping[str, Any]]) -> None:
    """Update rows by their ``id``. All have the same keys: ``id``, and those of the columns to change."""
    _update(table, frozenset(rows[0])).execute(session, rows)
