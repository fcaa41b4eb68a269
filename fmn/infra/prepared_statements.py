"""Prepared statements: PostgreSQL parses and plans a statement once for a connection.

Its driver sends the whole text each time. To parse and plan the statements by which deliveries are claimed,
read and recorded takes PostgreSQL as long as to execute them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

import structlog
from psycopg2.errors import DuplicatePreparedStatement, InvalidSqlStatementName
from sqlalchemy import Engine, event
from sqlalchemy.engine import ExecutionContext
from sqlalchemy.engine.interfaces import DBAPICursor

log = structlog.get_logger()

#: Execution option of a statement to be prepared. Its text must be the same for any number of values: each
#: text is kept for as long as its connection.
PREPARED: Final = "fmn_prepared"

#: PostgreSQL's settings for connections with prepared statements, which look rows up by their ids. A plan
#: is kept while tables grow, and one that reads all of a table was only ever good for a small one.
PLANNER_PARAMETERS: Final[Mapping[str, str]] = {
    "plan_cache_mode": "force_generic_plan", "enable_seqscan": "off", "enable_hashjoin": "off",
    "enable_mergejoin": "off"}

#: What a connection knows: the ``EXECUTE`` of each statement, by its text; or that it can't keep any.
_Known = dict[str, str]
_KEY: Final = "fmn_prepared_statements"


def prepare_marked_statements(engine: Engine) -> None:
    """Have an engine in autocommit mode prepare the statements with the option :data:`PREPARED`."""
    event.listen(engine, "do_execute", _execute)


def _execute(
    cursor: DBAPICursor, statement: str, parameters: Mapping[str, Any], context: ExecutionContext,
) -> bool:
    """Execute a prepared statement; false if it's to be executed as usual."""
    if not context.execution_options.get(PREPARED):
        return False
    connection = context.root_connection.info
    known: _Known | None = connection.setdefault(_KEY, {})
    if known is None:
        return False
    if statement not in known:
        known[statement] = _prepare(cursor, statement, parameters)
    try:
        cursor.execute(known[statement], parameters)
    except InvalidSqlStatementName:
        # A pooler gives us another connection for each transaction.
        log.info("statements can't be prepared beyond this connection pooler")
        connection[_KEY] = None
        return False
    return True


def _prepare(cursor: DBAPICursor, statement: str, names: Iterable[str]) -> str:
    """Prepare a statement with parameters of these names; returns what executes it."""
    numbered = {name: f"${number}" for number, name in enumerate(names, 1)}
    # The same text has the same name in all processes: beyond a pooler another one may have prepared it.
    name = f"fmn_{hashlib.sha256(statement.encode()).hexdigest()[:32]}"
    try:
        cursor.execute(f"PREPARE {name} AS {statement % numbered}")
    except DuplicatePreparedStatement:
        log.debug("another client of this connection pooler has prepared it")
    return f"EXECUTE {name} ({', '.join(f'%({each})s' for each in numbered)})"
