"""Rechecking: what is read again of a batch right before it's transmitted.

A chunk is claimed and put in words as a whole, and it may take minutes until its last batch goes out.
Meanwhile the machine may have been paused, so that another backend has taken the rest over, or somebody may
have switched the channel off or removed an address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Final

import structlog

from fmn.delivery.delivery_rows import Changeable, still_claimed
from fmn.delivery.rendering import Claimed, Later, refusal
from fmn.delivery.system_messages import Question, questions_in
from fmn.infra.db import Database
from fmn.infra.dedicated_connection import AWAY, KeptConnection, pause
from fmn.ledger.models import Kind

log = structlog.get_logger()

_NOTHING: Final[Mapping[int, Question]] = {}


@dataclass(frozen=True)
class Rechecked:
    """Ids of the deliveries that are still claimed, and why some of these aren't to be sent any more."""

    claimed: frozenset[int]
    refused: dict[int, str | Later]


class Rechecker:
    """Rechecks claimed deliveries. Threads may share it.

    While the database is away, whoever asks waits: nobody can take their deliveries over meanwhile.
    Afterwards :meth:`Database.now` is no earlier than what the database's clock said.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept = KeptConnection(database)
        self._turn = Lock()

    def recheck(self, deliveries: Sequence[Claimed], claimant: str, now: datetime) -> Rechecked:
        """How these stand, which were put in words under the claim of ``claimant``."""
        while True:
            try:
                return self._recheck(deliveries, claimant, now)
            except AWAY:
                log.warning("database away, deliveries not rechecked yet",
                            deliveries=[each.id for each in deliveries])
                pause()

    def close(self) -> None:
        """Give the connection back. Rechecking opens another one."""
        with self._turn:
            self._kept.close()

    def _recheck(self, deliveries: Sequence[Claimed], claimant: str, now: datetime) -> Rechecked:
        ids = [each.id for each in deliveries]
        with self._turn:
            rows = self._kept.run(lambda connection: still_claimed(connection, ids, claimant))
        # Without any row there's no reading of the clock either.
        self._database.advance_clock(rows[0].at if rows else self._database.read_clock())
        found = {row.id: row for row in rows}
        claimed = [each for each in deliveries if each.id in found]
        questions = self._questions(claimed)
        refused = {each.id: _refusal(each, found[each.id], questions, now) for each in claimed}
        return Rechecked(
            frozenset(found), {one: reason for one, reason in refused.items() if reason is not None})

    def _questions(self, deliveries: Iterable[Claimed]) -> Mapping[int, Question]:
        asking = [each.due for each in deliveries if each.due.kind == Kind.CONFIRMATION]
        if not asking:
            return _NOTHING
        with self._database.reading() as session:
            return questions_in(session, asking)


def _refusal(
    delivery: Claimed, now_is: Changeable, questions: Mapping[int, Question], now: datetime,
) -> str | Later | None:
    due = delivery.due._replace(
        notification_id=now_is.notification_id, digest_id=now_is.digest_id, enabled=now_is.enabled,
        quiet_from=now_is.quiet_from, quiet_until=now_is.quiet_until,
        quiet_lets_severe=now_is.quiet_lets_severe, address_id=now_is.address_id)
    return refusal(delivery, due, questions.get(delivery.id), now)
