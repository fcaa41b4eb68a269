"""Ingests backfilled messages: validates them like live ones, stores each once, and enqueues matching."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import structlog
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from fmn.catalog import Message
from fmn.infra import metrics
from fmn.infra.db import Database
from fmn.ledger.messages import store
from fmn.sources.backfill.archive_parser import ArchiveParser
from fmn.sources.backfill.backfill_source import BackfillSource
from fmn.sources.backfill.time_windows import BackfillWindow
from fmn.sources.rejection import MessageRejectedError

log = structlog.get_logger()

#: Rejection reasons of backfill only: sent outside of the window, or too old, since a deleted message would
#: count as new.
NOT_ASKED_FOR: Final = "not-asked-for"
#: Rejection reason of a message that the parser accepts and the database refuses.
DATABASE: Final = "database"


class IngestCounts:
    """Counts of fetched messages: new, known, and rejected by reason."""

    def __init__(self) -> None:
        self.new = self.known = 0
        self.refused: Counter[str] = Counter()

    @property
    def fetched(self) -> int:
        """Number of all messages."""
        return self.new + self.known + self.refused.total()

    def add(self, other: IngestCounts) -> None:
        """Add the counts of another one."""
        self.new += other.new
        self.known += other.known
        self.refused.update(other.refused)


class BackfillIngester:
    """Ingester of backfilled messages. Calls ``match`` with the ids of new ones."""

    def __init__(
        self, archive_parser: ArchiveParser, database: Database, match: Callable[[list[int]], object],
    ) -> None:
        self._archive_parser, self._database, self._match = archive_parser, database, match

    def ingest(self, source: BackfillSource, window: BackfillWindow, rows: Iterable[object]) -> IngestCounts:
        """Ingest messages that a source returned for a window. Raises the database's errors."""
        counts = IngestCounts()
        messages = [
            found for row in rows if (found := self._read(row, source.address, window, counts)) is not None]
        # A message may be on two pages; the statement inserts it once.
        unique = list({message.identity: message for message in messages}.values())
        counts.known += len(messages) - len(unique)
        if unique and (ids := self._store(unique, counts)):
            self._match(ids)
        _measure(source.kind, counts)
        return counts

    def _read(
        self, row: object, address: str, window: BackfillWindow, counts: IngestCounts,
    ) -> Message | None:
        try:
            message = self._archive_parser.parse(row, address)
        except MessageRejectedError as error:
            _count_rejected(counts, error.reason.value, str(error))
            return None
        if not window.contains(message.sent_at):
            _count_rejected(counts, NOT_ASKED_FOR, f"{message.msg_id} was sent at {message.sent_at}")
            return None
        return message

    def _store(self, messages: Sequence[Message], counts: IngestCounts) -> list[int]:
        try:
            with self._database.transaction() as session:
                ids = store(session, messages, self._database.now())
        except (DataError, IntegrityError) as error:
            if len(messages) > 1:
                return [new for message in messages for new in self._store([message], counts)]
            log.error(
                "the database refuses a message", msg_id=messages[0].msg_id, reason=_database_message(error))
            counts.refused[DATABASE] += 1
            return []
        log.info("messages stored", new=len(ids), msg_ids=[message.msg_id for message in messages])
        counts.new += len(ids)
        counts.known += len(messages) - len(ids)
        return ids


def _count_rejected(counts: IngestCounts, reason: str, detail: str) -> None:
    counts.refused[reason] += 1
    log.debug("message from a source rejected", reason=reason, detail=detail)


def _database_message(error: DBAPIError) -> str:
    return str(error.orig).strip()


def _measure(kind: str, counts: IngestCounts) -> None:
    metrics.messages_stored.inc(counts.new)
    for outcome, number in (
            ("new", counts.new), ("known", counts.known), ("refused", counts.refused.total())):
        metrics.messages_caught_up.labels(kind, outcome).inc(number)
