"""Taking in what a source tells: checked like what comes live, in the ledger once, and then matched."""

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
from fmn.sources.backfill.archived_messages import forms, frames_of
from fmn.sources.backfill.time_windows import Window
from fmn.sources.fedmsg.parser import Intake
from fmn.sources.fedmsg.rejection import Reason, RejectedError

log = structlog.get_logger()

#: Why messages are refused that came live nowhere: somebody tells of another time than they were asked about,
#: and what is in the ledger can't be told from what was deleted there.
NOT_ASKED_FOR: Final = "not-asked-for"
#: Why what the intake accepts is refused nevertheless: the database doesn't take it.
DATABASE: Final = "database"


class Tally:
    """How many messages there were, and what became of them."""

    def __init__(self) -> None:
        self.new = self.known = 0
        self.refused: Counter[str] = Counter()

    @property
    def fetched(self) -> int:
        """How many there were."""
        return self.new + self.known + self.refused.total()

    def add(self, other: Tally) -> None:
        """Count what another one counted."""
        self.new += other.new
        self.known += other.known
        self.refused.update(other.refused)


class Taker:
    """Takes messages in. ``match`` is called with the ids of those that are new."""

    def __init__(self, intake: Intake, database: Database, match: Callable[[list[int]], object]) -> None:
        self._intake, self._database, self._match = intake, database, match

    def take(self, kind: str, window: Window, bodies: Iterable[object]) -> Tally:
        """Take in what a source of this kind tells of a window. Raises what the database does."""
        tally = Tally()
        messages = [found for body in bodies if (found := self._read(body, window, tally)) is not None]
        # One message may be on two pages; the statement takes each once.
        unique = list({message.identity: message for message in messages}.values())
        tally.known += len(messages) - len(unique)
        if unique and (ids := self._store(unique, tally)):
            self._match(ids)
        _measure(kind, tally)
        return tally

    def _read(self, body: object, window: Window, tally: Tally) -> Message | None:
        try:
            message = self._as_signed(body)
        except RejectedError as error:
            _refuse(tally, error.reason.value, str(error))
            return None
        if not window.has(message.sent_at):
            _refuse(tally, NOT_ASKED_FOR, f"{message.msg_id} was sent at {message.sent_at}")
            return None
        return message

    def _as_signed(self, body: object) -> Message:
        *others, last = forms(body)
        for form in others:
            try:
                return self._intake.read(_framed(form))
            except RejectedError as error:
                if error.reason is not Reason.BAD_SIGNATURE:
                    raise
        return self._intake.read(_framed(last))

    def _store(self, messages: Sequence[Message], tally: Tally) -> list[int]:
        try:
            with self._database.transaction() as session:
                ids = store(session, messages, self._database.now())
        except (DataError, IntegrityError) as error:
            if len(messages) > 1:
                return [new for message in messages for new in self._store([message], tally)]
            log.error("the database refuses a message", msg_id=messages[0].msg_id, reason=_short(error))
            tally.refused[DATABASE] += 1
            return []
        log.info("messages stored", new=len(ids), msg_ids=[message.msg_id for message in messages])
        tally.new += len(ids)
        tally.known += len(messages) - len(ids)
        return ids


def _framed(form: object) -> list[bytes]:
    try:
        return frames_of(form)
    except RecursionError as error:
        raise RejectedError(Reason.TOO_DEEP, "the body has too many levels to be written") from error


def _refuse(tally: Tally, reason: str, detail: str) -> None:
    tally.refused[reason] += 1
    log.debug("message from a source rejected", reason=reason, detail=detail)


def _short(error: DBAPIError) -> str:
    return str(error.orig).strip()


def _measure(kind: str, tally: Tally) -> None:
    metrics.messages_stored.inc(tally.new)
    for outcome, number in (("new", tally.new), ("known", tally.known), ("refused", tally.refused.total())):
        metrics.messages_caught_up.labels(kind, outcome).inc(number)
