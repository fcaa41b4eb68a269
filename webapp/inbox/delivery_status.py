"""Renders a notification's delivery status: sent, pending or dropped, with time, address and reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from fmn.channels import mask_address
from fmn.digests.due_times import NextDigest, next_due
from fmn.ledger.inbox import InboxNotification
from fmn.ledger.models import Delivery, DeliveryState
from fmn.ledger.reasons import Reason
from fmn.text import pluralize, shorten
from webapp.humanize import natural_time, natural_time_without_on

#: Characters of a reason: servers may answer with long stories.
MAX_REASON_LENGTH: Final = 300
SOON: Final = "within a minute"


@dataclass(frozen=True)
class DeliveryStatus:
    """Delivery status: a word, its CSS kind, and the rest of the sentence."""

    word: str
    kind: str
    rest: str


class DeliveryStatuses:
    """Renderer of delivery statuses ``now`` in a time zone; ``waiting`` has the next digest by preference."""

    def __init__(self, now: datetime, zone: tzinfo, waiting: Mapping[int, NextDigest]) -> None:
        self._now = now
        self._zone = zone
        self._waiting = waiting

    def of(self, entry: InboxNotification) -> Sequence[DeliveryStatus]:
        """The status of each delivery of a notification, or of its wait for a digest."""
        if entry.awaits_digest and entry.delayed_until is not None and entry.delayed_until > self._now:
            moment = natural_time_without_on(entry.delayed_until, self._now, self._zone)
            return [DeliveryStatus(
                "Pending", "waiting", f"until {moment} in case it recovers, then for a digest")]
        if entry.awaits_digest:
            wait = self._digest_wait(self._waiting.get(entry.preference_id))
            return [DeliveryStatus("Pending", "waiting", wait)]
        return [self._delivered(each) for each in entry.deliveries]

    def _delivered(self, delivery: Delivery) -> DeliveryStatus:
        reason = shorten(delivery.reason, MAX_REASON_LENGTH)
        where = mask_address(delivery.context, delivery.destination)
        if delivery.state == DeliveryState.SENT:
            together = "in a digest " if delivery.digest_id else ""
            sent_at = f" {self._when(delivery.finished_at)}" if delivery.finished_at else ""
            return DeliveryStatus("Sent", "good", f"{together}to {where}{sent_at}")
        if delivery.state == DeliveryState.FAILED:
            return DeliveryStatus("Failed", "bad", f"to {where}: {reason}")
        if delivery.state == DeliveryState.DROPPED:
            return DeliveryStatus("Not sent", "muted", reason)
        return DeliveryStatus("Pending", "waiting", self._pending(delivery, where, reason))

    def _pending(self, delivery: Delivery, where: str, reason: str) -> str:
        due = delivery.next_attempt_at
        moment = self._when(due) if due > self._now else SOON
        if not delivery.attempts:
            is_delayed = delivery.reason_code is Reason.DELAYED and due > self._now
            unless = f", {Reason.DELAYED.sentence}" if is_delayed else ""
            return f"for {where}, due {moment}{unless}"
        tries = pluralize(delivery.attempts, "failed attempt")
        return f"for {where}, next attempt {moment} after {tries}: {reason}"

    def _digest_wait(self, waiting: NextDigest | None) -> str:
        due = next_due(waiting, self._now) if waiting else self._now
        if waiting is None or (due is not None and due <= self._now):
            return f"in a digest {SOON}"
        rhythm = waiting.rhythm
        if due is None:
            return f"in a digest as soon as there are {rhythm.count} notifications, {waiting.count} so far"
        if waiting.throttling_interval is not None:
            return f"in a digest {self._when(due)}, because too many notifications came at once"
        if rhythm.paused_until is not None and rhythm.paused_until > self._now:
            return f"in a digest when your pause ends, {self._when(due)}"
        if not rhythm.is_batched:
            return f"until your quiet hours end, {self._when(due)}"
        latest = " at the latest" if rhythm.count is not None else ""
        return f"in the digest {self._when(due)}{latest}"

    def _when(self, moment: datetime) -> str:
        return natural_time(moment, self._now, self._zone)
