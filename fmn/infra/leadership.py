"""Leadership: of all schedulers of an installation one leads, by a lock in the database.

On PostgreSQL that's a session's advisory lock on a connection of its own. It's gone when the connection
is, so a leader that can't reach the database doesn't know any more that it leads, and stops. On SQLite
there is one process, and it leads.
"""

from __future__ import annotations

import os
import socket
from typing import Final

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from fmn.infra.db import Database

log = structlog.get_logger()

#: The number of our advisory lock; the same in every version, or two would lead during an upgrade.
LOCK: Final = 0x464D4E01


class Leadership:
    """One scheduler's part in the election. Not for several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None

    def is_leader(self) -> bool:
        """Whether we lead now; tries to, if nobody does. False while the database is away."""
        if self._database.embedded:
            return True
        try:
            if self._connection is not None:
                self._connection.execute(text("SELECT 1"))
                return True
            return self._try_lock()
        except DBAPIError as error:
            log.warning("leadership unknown, the database is away", reason=str(error.orig).strip())
            self.resign()
            return False

    def _try_lock(self) -> bool:
        # Whatever fails from here on gives it up.
        self._connection = self._database.autocommit_connection()
        if not self._connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK}):
            self.resign()
            return False
        self._connection.execute(
            text("SELECT set_config('application_name', :name, false)"),
            {"name": f"scheduler on {socket.gethostname()}, pid {os.getpid()}"})
        log.info("this scheduler leads")
        return True

    def resign(self) -> None:
        """Stop leading, or trying to."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


def leader_description(session: Session) -> str:
    """Who leads, in words; "" if nobody does. On SQLite that's the process that has the file."""
    if session.get_bind().dialect.name == "sqlite":
        return "fmn up"
    return session.scalar(text(
        "SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid) "
        "WHERE locktype = 'advisory' AND classid = 0 AND objid = :lock AND objsubid = 1 AND granted "
        "AND datname = current_database()"), {"lock": LOCK}) or ""
