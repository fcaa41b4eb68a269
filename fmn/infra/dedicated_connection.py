"""Dedicated database connections for short, frequent statements, with a retry if the connection is lost."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Final, TypeVar

import structlog
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError

from fmn.infra.db import Database

log = structlog.get_logger()

Result = TypeVar("Result")

#: Seconds between attempts while the database is down.
RETRY_SECONDS: Final = 0.5
#: Errors of a database that is down.
DATABASE_AWAY: Final = (OperationalError, InterfaceError, InternalError)


class DedicatedConnection:
    """Database connection kept open for autocommit statements. Not thread-safe.

    A connection from the pool is tested first, which takes as long as such a statement.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None

    def run(self, work: Callable[[Connection], Result]) -> Result:
        """Run ``work`` and return its result. If the connection was lost, run it again over a new one.

        ``work`` must be idempotent. Its errors are raised.
        """
        if self._connection is not None:
            try:
                return self._run(self._connection, work)
            except DBAPIError:
                log.info("kept connection to the database was lost")
        self._connection = self._database.autocommit_connection()
        return self._run(self._connection, work)

    def close(self) -> None:
        """Close the connection. The next :meth:`run` opens another one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _run(self, connection: Connection, work: Callable[[Connection], Result]) -> Result:
        try:
            with connection.begin():
                return work(connection)
        except BaseException:
            # Its state is unknown, so it mustn't return to the pool.
            self.close()
            raise


class DedicatedConnections:
    """Dedicated connections that threads share: as many as there are threads with a statement at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._idle: deque[DedicatedConnection] = deque()

    def run(self, work: Callable[[Connection], Result]) -> Result:
        """Run ``work`` as :meth:`DedicatedConnection.run` does, over an idle connection or a new one."""
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = DedicatedConnection(self._database)
        try:
            return connection.run(work)
        finally:
            self._idle.append(connection)

    def close(self) -> None:
        """Close the idle connections. The next :meth:`run` opens another one."""
        while self._idle:
            self._idle.pop().close()


def wait_to_retry() -> None:
    """Wait before the next attempt while the database is down."""
    time.sleep(RETRY_SECONDS)
