"""Keeper of unreadable messages: holds a few in memory until the database has them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from threading import Lock
from typing import Final

import structlog
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from fmn.infra.db import Database
from fmn.ledger.unreadable import UnreadableMessage, keep_unreadable

log = structlog.get_logger()

#: Unreadable messages in memory while the database is away: the newest ones. They're evidence for
#: administrators, nobody waits for them.
MAX_PENDING: Final = 100


class UnreadableKeeper:
    """Keeper of unreadable messages. Thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pending: deque[UnreadableMessage] = deque(maxlen=MAX_PENDING)
        self._lock = Lock()
        self._failing = False

    def add(self, messages: Iterable[UnreadableMessage]) -> None:
        """Add messages for the next :meth:`flush`."""
        with self._lock:
            self._pending.extend(messages)

    def flush(self) -> None:
        """Write to the database what waits; what fails stays pending."""
        if not self._pending:
            return
        with self._lock:
            messages = list(self._pending)
            self._pending.clear()
        try:
            with self._database.transaction() as session:
                keep_unreadable(session, messages)
        except (DataError, IntegrityError) as error:  # they'd be refused again
            log.error("unreadable messages can't be kept", messages=len(messages), reason=str(error.orig))
        except SQLAlchemyError as error:
            self._log_once(error)
            with self._lock:
                self._pending = deque([*messages, *self._pending], maxlen=MAX_PENDING)
        else:
            self._failing = False

    def _log_once(self, error: SQLAlchemyError) -> None:
        if not self._failing:
            log.warning("unreadable messages can't be kept, later again",
                        reason=str(getattr(error, "orig", error)))
        self._failing = True
