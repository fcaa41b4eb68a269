"""Recorder of matched batches: runs the pipeline and writes its decisions, in one transaction.

Unique keys make a second run harmless. Before the transaction ends, users who changed their preferences
meanwhile are matched again, alone: their rows are replaced, and nobody else is affected. So changes of
preferences, however many, can't keep a batch from being recorded.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy.orm import Session

from fmn.catalog.events import Outcome
from fmn.catalog.outcomes import subject_outcome
from fmn.infra import metrics
from fmn.ledger.delayed_failures import FailureToDelay, delay_failures
from fmn.ledger.messages import mark_matched
from fmn.ledger.models import DeliveryKind
from fmn.ledger.notifications import delete_notifications, insert_notifications
from fmn.ledger.outbox import confirmed_addresses, delivery_row, insert_deliveries
from fmn.matching.group_rows import NO_GROUPS, Groups
from fmn.matching.index.matching_index import Match
from fmn.matching.pipeline import Candidate, MatchedMessage, Pipeline
from fmn.matching.recovery import drop_recovered
from fmn.settings import FloodSettings

#: How often a transaction looks for changed preferences before it ends. Each look takes in what was saved
#: during the one before, which is less each time; what is saved during the last one counts for the next
#: message. Without a bound, changes that come quickly enough would keep a batch from ever being recorded.
MAX_REMATCHES: Final = 3


class Rematch(Protocol):
    """Matches single users again, in the transaction that records a batch."""

    def changed(self) -> frozenset[int]:
        """Ids of users who changed their preferences since they were matched, by the time of this call.

        May raise an exception that makes the whole transaction void, if that isn't known.
        """

    def matches(self, user_ids: frozenset[int]) -> Sequence[Sequence[Match]]:
        """For each message of the batch, these users' matches by their current preferences."""


@dataclass(frozen=True)
class Recorded:
    """The result of recording a batch: ids of deliveries to send now, by context, and messages completed."""

    deliveries: Mapping[str, Sequence[int]]
    matched_count: int


def record(
    session: Session, batch: Sequence[MatchedMessage], now: datetime, throttling: FloodSettings,
    rematcher: Rematch, groups: Groups = NO_GROUPS,
) -> Recorded:
    """Record a batch.

    ``rematcher`` matches users again who change their preferences meanwhile or whose one-shot filter fires.
    ``groups`` are the directory's.
    """
    recording = _Recording(session, batch, now, throttling, groups)
    recording.write(batch)
    for _ in range(MAX_REMATCHES):
        if not (changed := rematcher.changed()):
            break
        recording.rewrite(changed, rematcher.matches(changed))
    # Ends, for each time some filters go off, and nobody else can switch them on before we commit.
    while unsettled := recording.switch_off_oneshots():
        recording.rewrite(unsettled, rematcher.matches(unsettled))
    return recording.finish()


class _Recording:
    """The rows that a transaction records of one batch, and how to take some of them back."""

    def __init__(
        self, session: Session, batch: Sequence[MatchedMessage], now: datetime, throttling: FloodSettings,
        groups: Groups,
    ) -> None:
        self._session = session
        self._batch = list(batch)
        self._now = now
        self._outcomes = {
            one.stored.id: outcome for one in batch if (outcome := subject_outcome(one.facts)) is not None}
        self._pipeline = Pipeline(session, now, throttling, self._outcomes, groups)
        #: Notifications by id; user and context by the preference's.
        self._new: dict[int, Any] = {}
        self._owners: dict[int, tuple[int, str]] = {}
        self._concerning: set[int] = set()
        self._deliveries: defaultdict[str, list[int]] = defaultdict(list)

    def write(self, batch: Sequence[MatchedMessage]) -> None:
        """Decide about these matches of the batch's messages, and record the result."""
        decided = {
            (each.message.stored.id, each.preference.id): each for each in self._pipeline.decide(batch)}
        self._concerning.update(message_id for message_id, _ in decided)
        self._owners |= {
            each.preference.id: (each.match.user_id, each.match.context) for each in decided.values()}
        rows = insert_notifications(
            self._session, [_notification_row(each, self._now) for each in decided.values()])
        self._new |= {row.id: row for row in rows}
        new = [(row.id, decided[row.message_id, row.preference_id]) for row in rows]
        delay_failures(self._session, [
            FailureToDelay(notification_id, *each.delay) for notification_id, each in new if each.delay])
        if immediate := [(notification_id, each) for notification_id, each in new if not each.batched]:
            self._deliver(immediate)

    def _deliver(self, immediate: Sequence[tuple[int, Candidate]]) -> None:
        addresses = confirmed_addresses(self._session, {each.preference.id for _, each in immediate})
        for context, ids in insert_deliveries(self._session, [
            delivery_row(
                DeliveryKind.SINGLE, f"{each.message.stored.key}:{preference.id}", preference, address,
                self._now, notification_id=notification_id, digest_id=None,
                until=each.delay.until if each.delay else None)
            for notification_id, each in immediate
            for preference, reachable in (addresses[each.preference.id],)
            for address in reachable
        ]).items():
            self._deliveries[context] += ids

    def rewrite(self, user_ids: Collection[int], matches: Sequence[Sequence[Match]]) -> None:
        """Replace these users' rows by what these matches, of each of the batch's messages, lead to."""
        oneshots = self._pipeline.oneshots
        oneshots.forget(user_ids)
        self._withdraw([
            row.id for row in self._new.values()
            if self._owners[row.preference_id][0] in user_ids
            and row.filter_id not in oneshots.switched_off])
        self.write([
            replace(matched, matches=found) for matched, found in zip(self._batch, matches, strict=True)])

    def _withdraw(self, notification_ids: Sequence[int]) -> None:
        if not notification_ids:
            return
        gone = delete_notifications(self._session, notification_ids)
        for context, ids in self._deliveries.items():
            self._deliveries[context] = [delivery_id for delivery_id in ids if delivery_id not in gone]
        for notification_id in notification_ids:
            del self._new[notification_id]

    def switch_off_oneshots(self) -> frozenset[int]:
        """Switch off the one-shot filters that fired; returns the users to match again without them."""
        off = self._pipeline.oneshots.switch_off()
        self._withdraw([row.id for row in self._new.values() if row.filter_id in off.lost_filter_ids])
        return off.rematch_user_ids

    def finish(self) -> Recorded:
        """Drop what has recovered, and mark the messages matched."""
        complete = [matched for matched in self._batch if matched.complete]
        recovered = {
            message_id: outcome.key for message_id, outcome in sorted(self._outcomes.items())
            if outcome.outcome is Outcome.SUCCEEDED}
        drop_recovered(
            self._session, recovered, self._now, None if complete == self._batch else self._owners.keys())
        mark_matched(
            self._session, [(one.stored.id, one.facts) for one in complete], self._now, self._concerning)
        created = Counter(self._owners[row.preference_id][1] for row in self._new.values())
        for context, number in created.items():
            metrics.notifications_created.labels(context).inc(number)
        return Recorded({context: ids for context, ids in self._deliveries.items() if ids}, len(complete))


def _notification_row(decided: Candidate, now: datetime) -> Mapping[str, Any]:
    return {
        "message_id": decided.message.stored.id, "preference_id": decided.preference.id,
        "filter_id": decided.filter.id, "batched": decided.batched, "throttled": decided.throttled,
        "created_at": now,
    }
