"""Prepared statements: PostgreSQL parses and plans a statement once for a connection.

Its driver sends the whole text each time. To parse and plan the statements by which deliveries are claimed,
read and recorded takes PostgreSQL as long as to execute them, and SQLAlchemy takes longer for a statement
than the driver does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import cached_property
from typing import Any, Final

import psycopg2
import structlog
from psycopg2.errors import DuplicatePreparedStatement, InvalidSqlStatementName
from sqlalchemy import Connection, Select
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import ExpandedState, SQLCompiler
from sqlalchemy.sql.dml import ReturningUpdate

log = structlog.get_logger()

#: Execution option of connections to PostgreSQL, in autocommit mode, that keep prepared statements.
KEEPS_PREPARED: Final = "fmn_keeps_prepared"

#: PostgreSQL's settings for connections with prepared statements, which look rows up by their ids. A plan
#: is kept while tables grow, and one that reads all of a table was only ever good for a small one.
PLANNER_PARAMETERS: Final[Mapping[str, str]] = {
    "plan_cache_mode": "force_generic_plan", "enable_seqscan": "off", "enable_hashjoin": "off",
    "enable_mergejoin": "off"}

#: Names of the statements that a connection has prepared; ``None`` if it can't keep any.
_Names = set[str]
_NAMES: Final = "fmn_prepared_statements"
_DIALECT: Final = PGDialect_psycopg2()  # type: ignore[no-untyped-call]


class PreparedStatement:
    """A statement with the same text for any number of values, made once."""

    def __init__(self, statement: Select[Any] | ReturningUpdate[Any]) -> None:
        self._statement = statement

    def rows(
        self, connection: Session | Connection, parameters: Mapping[str, Any],
    ) -> Sequence[Sequence[Any]]:
        """Execute the statement, prepared if the connection keeps it; returns its rows.

        It must be idempotent: what fails is executed again as usual, which raises what is usual.
        """
        if isinstance(connection, Connection) and connection.get_execution_options().get(KEEPS_PREPARED):
            rows = self._prepared_rows(connection, parameters)
            if rows is not None:
                return rows
        return connection.execute(self._statement, parameters).all()

    def _prepared_rows(
        self, connection: Connection, parameters: Mapping[str, Any],
    ) -> Sequence[Sequence[Any]] | None:
        """The same rows, ``None`` if that doesn't work."""
        names: _Names | None = connection.info.setdefault(_NAMES, set())
        if names is None:
            return None
        driver: Any = connection.connection
        try:
            with closing(driver.cursor()) as cursor:
                if self._name not in names:
                    self._prepare(cursor)
                    names.add(self._name)
                cursor.execute(self._execute, parameters)
                return self._converted(cursor.fetchall())
        except InvalidSqlStatementName:
            log.info("statements can't be prepared beyond this connection pooler")
            connection.info[_NAMES] = None
        except psycopg2.Error as error:
            log.info("prepared statement failed", error=type(error).__name__)
        return None

    def _prepare(self, cursor: Any) -> None:
        numbers = {name: f"${number}" for number, name in enumerate(self._parameters, 1)}
        constants = {
            name: cursor.mogrify("%s", (value,)).decode() for name, value in self._text.parameters.items()}
        try:
            cursor.execute(f"PREPARE {self._name} AS {self._text.statement % {**constants, **numbers}}")
        except DuplicatePreparedStatement:
            log.debug("another client of this connection pooler has prepared it")

    @cached_property
    def _compiled(self) -> SQLCompiler:
        compiled = self._statement.compile(dialect=_DIALECT)
        assert isinstance(compiled, SQLCompiler)
        return compiled

    @cached_property
    def _parameters(self) -> Sequence[str]:
        """The names of the parameters without a value in the statement."""
        return list(dict.fromkeys(name for bind, name in self._compiled.bind_names.items() if bind.required))

    @cached_property
    def _text(self) -> ExpandedState:
        """The statement's text, with the values in it."""
        return self._compiled.construct_expanded_state(dict.fromkeys(self._parameters))

    @cached_property
    def _name(self) -> str:
        # The same statement has the same name in all processes: beyond a pooler another may have prepared it.
        return f"fmn_{hashlib.sha256(self._text.statement.encode()).hexdigest()[:32]}"

    @cached_property
    def _execute(self) -> str:
        return f"EXECUTE {self._name} ({', '.join(f'%({name})s' for name in self._parameters)})"

    @cached_property
    def _converters(self) -> Sequence[tuple[int, Callable[[Any], Any]]]:
        """What makes Python's values of the driver's, by the columns' positions."""
        found = [
            column.type.dialect_impl(_DIALECT).result_processor(_DIALECT, None)
            for column in self._statement.exported_columns]
        return [(number, convert) for number, convert in enumerate(found) if convert is not None]

    def _converted(self, rows: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
        converted = [list(row) for row in rows]
        for number, convert in self._converters:
            for row in converted:
                row[number] = convert(row[number])
        return converted
