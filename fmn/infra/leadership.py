"""Leader election among the schedulers of an installation, by a lock in the database.

On PostgreSQL it's a session-level advisory lock on a connection of its own. The lock ends with the
connection, so a leader that can't reach the database stops leading. On SQLite there is one process, and it
leads.
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

#: Number of the advisory lock. The same in every version, or two would lead during an upgrade.
LOCK: Final = 0x464D4E01


class Leadership:
    """A scheduler's candidacy. Not thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None

    def is_leader(self) -> bool:
        """Whether this process leads; tries to, if nobody does. False while the database is down."""
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
        # Any failure from here on gives the lock up.
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
        """Give up leadership or the candidacy."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


def leader_description(session: Session) -> str:
    """Description of the leader for people; ``""`` without one. On SQLite, the process that has the file."""
    if session.get_bind().dialect.name == "sqlite":
        return "fmn up"
    return session.scalar(text(
        "SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid) "
        "WHERE locktype = 'advisory' AND classid = 0 AND objid = :lock AND objsubid = 1 AND granted "
        "AND datname = current_database()"), {"lock": LOCK}) or ""
