"""Recheck of a batch right before it's transmitted: claims, addresses and quiet hours.

A chunk is claimed and rendered as a whole, and its last batch may be transmitted minutes later. Meanwhile
another backend may have claimed the rest, if this process was paused, or the owner may have switched the
channel off or removed the address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from fmn.delivery.delivery_rows import RecheckedRow, read_still_claimed
from fmn.delivery.rendering import ClaimedDelivery, Deferred, reason_not_to_send
from fmn.delivery.system_messages import ConfirmationRequest, read_confirmation_requests
from fmn.infra.db import Database
from fmn.infra.dedicated_connection import DATABASE_AWAY, DedicatedConnections, wait_to_retry
from fmn.ledger.models import DeliveryKind
from fmn.ledger.reasons import Reason

log = structlog.get_logger()

_NOTHING: Final[Mapping[int, ConfirmationRequest]] = {}


@dataclass(frozen=True)
class RecheckResult:
    """Result of a recheck: deliveries still claimed, and reasons why some aren't to be sent any more."""

    claimed: frozenset[int]
    withdrawn: dict[int, Reason | Deferred]


class Rechecker:
    """Rechecks claimed deliveries. Threads may share it.

    While the database is down, callers wait: no other process can claim their deliveries meanwhile.
    Afterwards :meth:`Database.now` is no earlier than what the database's clock said.
    """

    def __init__(self, database: Database, connections: DedicatedConnections) -> None:
        self._database = database
        self._connections = connections

    def recheck(self, deliveries: Sequence[ClaimedDelivery], claimant: str, now: datetime) -> RecheckResult:
        """Read the state of these rendered deliveries, claimed by ``claimant``."""
        while True:
            try:
                return self._recheck(deliveries, claimant, now)
            except DATABASE_AWAY:
                log.warning("database away, deliveries not rechecked yet",
                            deliveries=[each.id for each in deliveries])
                wait_to_retry()

    def _recheck(self, deliveries: Sequence[ClaimedDelivery], claimant: str, now: datetime) -> RecheckResult:
        ids = [each.id for each in deliveries]
        rows = self._connections.run(lambda connection: read_still_claimed(connection, ids, claimant))
        # Without any row there's no reading of the clock either.
        self._database.advance_clock(rows[0].at if rows else self._database.read_clock())
        found = {row.id: row for row in rows}
        claimed = [each for each in deliveries if each.id in found]
        requests = self._confirmation_requests(claimed)
        withdrawn = {each.id: _reason_not_to_send(each, found[each.id], requests, now) for each in claimed}
        return RecheckResult(
            frozenset(found), {one: reason for one, reason in withdrawn.items() if reason is not None})

    def _confirmation_requests(
        self, deliveries: Iterable[ClaimedDelivery],
    ) -> Mapping[int, ConfirmationRequest]:
        asking = [each.due for each in deliveries if each.due.kind == DeliveryKind.CONFIRMATION]
        if not asking:
            return _NOTHING
        return self._connections.run(lambda connection: read_confirmation_requests(connection, asking))


def _reason_not_to_send(
    delivery: ClaimedDelivery, now_is: RecheckedRow, requests: Mapping[int, ConfirmationRequest],
    now: datetime,
) -> Reason | Deferred | None:
    due = delivery.due._replace(
        notification_id=now_is.notification_id, digest_id=now_is.digest_id, enabled=now_is.enabled,
        quiet_from=now_is.quiet_from, quiet_until=now_is.quiet_until,
        quiet_lets_severe=now_is.quiet_lets_severe, address_id=now_is.address_id,
        paused_until=now_is.paused_until)
    return reason_not_to_send(delivery, due, requests.get(delivery.id), now)
