"""A database connection that is kept, for short statements that are made for each batch."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

import structlog
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError

from fmn.infra.db import Database

log = structlog.get_logger()

Result = TypeVar("Result")

#: Seconds between attempts while the database is away.
RETRY_SECONDS: Final = 0.5
#: What is raised then.
DATABASE_AWAY: Final = (OperationalError, InterfaceError, InternalError)


class DedicatedConnection:
    """Runs statements that are transactions each over one connection, for one thread at a time.

    To get one from the pool, which tests it first, takes as long as such a statement.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None

    def run(self, work: Callable[[Connection], Result]) -> Result:
        """Run ``work``, a second time over a new connection if the kept one was lost; returns what it does.

        Raises what ``work`` raises. Nothing of it may matter if it's done twice.
        """
        if self._connection is not None:
            try:
                return self._run(self._connection, work)
            except DBAPIError:
                log.info("kept connection to the database was lost")
        self._connection = self._database.autocommit_connection()
        return self._run(self._connection, work)

    def close(self) -> None:
        """Give the connection back. What runs later opens another one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _run(self, connection: Connection, work: Callable[[Connection], Result]) -> Result:
        try:
            with connection.begin():
                return work(connection)
        except BaseException:
            # Wherever it stands now, nobody else is to find out.
            self.close()
            raise


def wait_to_retry() -> None:
    """Wait before the next attempt, while the database is away."""
    time.sleep(RETRY_SECONDS)
