"""What became of a notification, in words: sent where and when, waiting for what, or why it wasn't sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from fmn.channels import shown
from fmn.digests.due_times import Waiting, next_due
from fmn.ledger.inbox import Entry
from fmn.ledger.models import Delivery, State
from fmn.ledger.outbox import HELD
from fmn.text import counted, shorten
from webapp.humanize import until, when

#: Characters of a reason: servers may answer with long stories.
LONGEST_REASON: Final = 300
SOON: Final = "any moment now"


@dataclass(frozen=True)
class Standing:
    """A state in a word, the kind of its look, and the rest of the sentence."""

    word: str
    kind: str
    rest: str


class Standings:
    """Says where things stand ``now``, in somebody's time zone; ``waiting`` is by preference."""

    def __init__(self, now: datetime, zone: tzinfo, waiting: Mapping[int, Waiting]) -> None:
        self._now = now
        self._zone = zone
        self._waiting = waiting

    def of(self, entry: Entry) -> Sequence[Standing]:
        """Where each thing stands with which a notification is sent."""
        if entry.waits and entry.held_until is not None and entry.held_until > self._now:
            moment = until(entry.held_until, self._now, self._zone)
            return [Standing("Waiting", "", f"until {moment} in case it recovers, and then for a digest")]
        if entry.waits:
            return [Standing("Waiting", "", self._gathered(self._waiting.get(entry.preference_id)))]
        return [self._delivered(each) for each in entry.deliveries]

    def _delivered(self, delivery: Delivery) -> Standing:
        reason = shorten(delivery.reason, LONGEST_REASON)
        where = shown(delivery.context, delivery.destination)
        if delivery.state == State.SENT:
            together = "in a digest " if delivery.digest_id else ""
            sent_at = f" {self._when(delivery.finished_at)}" if delivery.finished_at else ""
            return Standing("Sent", "good", f"{together}to {where}{sent_at}")
        if delivery.state == State.FAILED:
            return Standing("Failed", "bad", f"to {where}: {reason}")
        if delivery.state == State.DROPPED:
            return Standing("Not sent", "", reason)
        return Standing("Waiting", "", self._on_its_way(delivery, where, reason))

    def _on_its_way(self, delivery: Delivery, where: str, reason: str) -> str:
        due = delivery.next_attempt_at
        moment = self._when(due) if due > self._now else SOON
        if not delivery.attempts:
            unless = f", {HELD}" if delivery.reason == HELD and due > self._now else ""
            return f"to be sent to {where} {moment}{unless}"
        tries = counted(delivery.attempts, "attempt")
        return f"to be sent to {where} {moment}, after {tries} that failed: {reason}"

    def _gathered(self, waiting: Waiting | None) -> str:
        due = next_due(waiting, self._now) if waiting else self._now
        if waiting is None or (due is not None and due <= self._now):
            return f"to be sent in a digest {SOON}"
        rhythm = waiting.rhythm
        if due is None:
            enough = f"as soon as there are {rhythm.count} messages"
            return f"for the digest that is sent {enough}; so far there {_are(waiting.count)}"
        if waiting.flood_pace is not None:
            return f"because so many came at once, to be sent in a digest {self._when(due)}"
        if not rhythm.collects:
            return f"for the end of your quiet hours, {self._when(due)}"
        latest = " at the latest" if rhythm.count is not None else ""
        return f"for the digest that is sent {self._when(due)}{latest}"

    def _when(self, moment: datetime) -> str:
        return when(moment, self._now, self._zone)


def _are(count: int) -> str:
    return f"is {count}" if count == 1 else f"are {count}"
