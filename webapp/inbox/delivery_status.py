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
from fmn.ledger.reasons import Reason, reason_text
from fmn.text import shorten
from fmn.translations import gettext, mark, ngettext
from webapp.humanize import natural_time, natural_time_without_on

#: Characters of a reason: servers may answer with long stories.
MAX_REASON_LENGTH: Final = 300
SOON: Final = mark("within a minute")


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
            return [_pending(
                gettext("until {moment} in case it recovers, then for a digest").format(moment=moment))]
        if entry.awaits_digest:
            return [_pending(self._digest_wait(self._waiting.get(entry.preference_id)))]
        return [self._delivered(each) for each in entry.deliveries]

    def _delivered(self, delivery: Delivery) -> DeliveryStatus:
        reason = reason_text(shorten(delivery.reason, MAX_REASON_LENGTH))
        where = mask_address(delivery.context, delivery.destination)
        if delivery.state == DeliveryState.SENT:
            return DeliveryStatus(gettext("Sent"), "good", self._sent(delivery, where))
        if delivery.state == DeliveryState.FAILED:
            return DeliveryStatus(
                gettext("Failed"), "bad",
                gettext("to {address}: {reason}").format(address=where, reason=reason))
        if delivery.state == DeliveryState.DROPPED:
            return DeliveryStatus(gettext("Not sent"), "muted", reason)
        return _pending(self._wait(delivery, where, reason))

    def _sent(self, delivery: Delivery, where: str) -> str:
        if delivery.finished_at is None:
            told = gettext("in a digest to {address}") if delivery.digest_id else gettext("to {address}")
            return told.format(address=where)
        told = gettext("in a digest to {address} {when}") if delivery.digest_id else gettext(
            "to {address} {when}")
        return told.format(address=where, when=self._when(delivery.finished_at))

    def _wait(self, delivery: Delivery, where: str, reason: str) -> str:
        due = delivery.next_attempt_at
        moment = self._when(due) if due > self._now else gettext(SOON)
        if not delivery.attempts:
            is_delayed = delivery.reason_code is Reason.DELAYED and due > self._now
            told = gettext("for {address}, due {when}, unless it recovers before") if is_delayed else gettext(
                "for {address}, due {when}")
            return told.format(address=where, when=moment)
        return ngettext(
            "for {address}, next attempt {when} after {number} failed attempt: {reason}",
            "for {address}, next attempt {when} after {number} failed attempts: {reason}",
            delivery.attempts).format(address=where, when=moment, number=delivery.attempts, reason=reason)

    def _digest_wait(self, waiting: NextDigest | None) -> str:
        due = next_due(waiting, self._now) if waiting else self._now
        if waiting is None or (due is not None and due <= self._now):
            return gettext("in a digest {when}").format(when=gettext(SOON))
        rhythm = waiting.rhythm
        if due is None:
            return gettext(
                "in a digest as soon as there are {number} notifications, {waiting} so far",
            ).format(number=rhythm.count, waiting=waiting.count)
        return _digest_reason(waiting, self._now).format(when=self._when(due))

    def _when(self, moment: datetime) -> str:
        return natural_time(moment, self._now, self._zone)


def _pending(rest: str) -> DeliveryStatus:
    return DeliveryStatus(gettext("Pending"), "waiting", rest)


def _digest_reason(waiting: NextDigest, now: datetime) -> str:
    """Sentence about a digest that is due at a time."""
    if waiting.throttling_interval is not None:
        return gettext("in a digest {when}, because too many notifications came at once")
    if waiting.rhythm.paused_until is not None and waiting.rhythm.paused_until > now:
        return gettext("in a digest when your pause ends, {when}")
    if not waiting.rhythm.is_batched:
        return gettext("until your quiet hours end, {when}")
    if waiting.rhythm.count is not None:
        return gettext("in the digest {when} at the latest")
    return gettext("in the digest {when}")
