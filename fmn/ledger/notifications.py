"""Recording whom messages concern: notifications, and the deliveries of what isn't batched.

All of a batch goes into one transaction. Unique keys make a second run harmless. Before the transaction
ends, those who changed their preferences meanwhile are matched anew, alone: what was recorded for them is
replaced, and nobody else notices. So no number of changes can keep a batch from being recorded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any, Final, NamedTuple, Protocol

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from fmn.catalog import Facts, Message
from fmn.catalog.events import Outcome
from fmn.catalog.outcomes import SubjectOutcome, subject_outcome
from fmn.catalog.threads import thread_of
from fmn.filters.models import Filter
from fmn.filters.mutes import UserMutes, mutes_by_user
from fmn.infra import metrics
from fmn.infra.db import insert_new
from fmn.ledger.delayed_failures import FailureToDelay, delay_failures, drop_recovered
from fmn.ledger.messages import mark_matched
from fmn.ledger.models import DelayedFailure, Delivery, DeliveryKind, Notification, StoredMessage
from fmn.ledger.outbox import confirmed_addresses, delivery_row, insert_deliveries
from fmn.ledger.throttling import IncomingNotification, NotificationRate, recent_rate
from fmn.people.change_log import filter_changed, record_change
from fmn.people.models import Preference, User
from fmn.people.schedule import Schedule, schedule_of
from fmn.settings import FloodSettings

#: How often a transaction looks for changed preferences before it ends. Each look takes in what was saved
#: during the one before, which is less each time; what is saved during the last one counts for the next
#: message. Without a bound, changes that come quickly enough would keep a batch from ever being recorded.
MAX_REMATCHES: Final = 3


class Recipient(NamedTuple):
    """A message concerns a user in a context because of an expression."""

    user_id: int
    context: str
    expression_id: int


@dataclass(frozen=True)
class MatchedMessage:
    """A message of the ledger with what was read in it and whom it concerns.

    It isn't ``complete`` if it concerns more people, who are recorded in another transaction.
    """

    stored: StoredMessage
    facts: Facts
    recipients: Sequence[Recipient]
    complete: bool = True


class Rematch(Protocol):
    """Matches single people again, in the transaction that records a batch."""

    def changed(self) -> frozenset[int]:
        """Who changed their preferences since they were matched, by the time of this call.

        May raise an exception that makes the whole transaction void, if that isn't known.
        """

    def recipients(self, user_ids: frozenset[int]) -> Sequence[Sequence[Recipient]]:
        """For each message of the batch, why it concerns these people by what their preferences are now."""


@dataclass(frozen=True)
class Recorded:
    """What recording a batch brought: deliveries to send now, by context, and how many messages are done."""

    deliveries: Mapping[str, Sequence[int]]
    matched_count: int


class _MatchingFilter(NamedTuple):
    preference: Preference
    filter: Filter
    rhythm: Schedule


class _Firing(NamedTuple):
    """A one-shot filter that lets one message of the batch through."""

    message_id: int
    user_id: int
    context: str


def record(
    session: Session, batch: Sequence[MatchedMessage], now: datetime, throttling: FloodSettings,
    rematcher: Rematch,
) -> Recorded:
    """Record a batch; what's too much at once by ``throttling`` is batched.

    Whoever changes their preferences meanwhile, or whose one-shot filter fires, is matched again by
    ``rematcher``.
    """
    recording = _Recording(session, batch, now, throttling)
    recording.write(batch)
    for _ in range(MAX_REMATCHES):
        if not (changed := rematcher.changed()):
            break
        recording.rewrite(changed, rematcher.recipients(changed))
    # Ends, for each time some filters go off, and nobody else can switch them on before we commit.
    while unsettled := recording.switch_off_oneshots():
        recording.rewrite(unsettled, rematcher.recipients(unsettled))
    return recording.finish()


class _Recording:
    """What a transaction records of one batch, and how to take some of it back."""

    def __init__(
        self, session: Session, batch: Sequence[MatchedMessage], now: datetime, throttling: FloodSettings,
    ) -> None:
        self._session = session
        self._batch = list(batch)
        self._now = now
        self._throttling = throttling
        self._turns = {
            one.stored.id: turn for one in batch if (turn := subject_outcome(one.facts)) is not None}
        #: Notifications by id; whose each is, and in which context, by the preference's.
        self._new: dict[int, Any] = {}
        self._owners: dict[int, tuple[int, str]] = {}
        self._deliveries: defaultdict[str, list[int]] = defaultdict(list)
        #: One-shot filters by id: about to be switched off, and switched off by us.
        self._firing: dict[int, _Firing] = {}
        self._off: set[int] = set()
        #: Who has to be matched again as soon as their one-shot filters are off.
        self._skipped: set[int] = set()

    def write(self, batch: Sequence[MatchedMessage]) -> None:
        """Record these concerns of the batch's messages."""
        if not any(matched.recipients for matched in batch):
            return
        batch = _unmuted(self._session, batch, self._now)
        rate = recent_rate(self._session, _incoming(batch), self._now, self._throttling)
        chosen = _choose(self._session, batch)
        self._owners |= {
            pair.preference.id: (recipient.user_id, recipient.context) for recipient, pair in chosen.items()}
        new = insert_new(
            self._session, Notification, list(self._rows(batch, chosen, rate)), Notification.id,
            Notification.message_id, Notification.preference_id, Notification.filter_id, Notification.batched)
        self._new |= {row.id: row for row in new}
        delayed = delay_failures(self._session, _failures(new, self._turns, chosen.values(), self._now))
        deliveries = _deliver_at_once(
            self._session, batch, [row for row in new if not row.batched], delayed, self._now)
        for context, ids in deliveries.items():
            self._deliveries[context] += ids

    def _rows(
        self, batch: Iterable[MatchedMessage], chosen: Mapping[Recipient, _MatchingFilter],
        rate: NotificationRate,
    ) -> Iterator[Mapping[str, Any]]:
        for matched in batch:
            for recipient in matched.recipients:
                pair = chosen.get(recipient)
                if pair is not None and self._may_fire(matched.stored.id, pair, recipient.user_id):
                    yield _notification_row(matched, pair, rate, self._now)

    def _may_fire(self, message_id: int, pair: _MatchingFilter, user_id: int) -> bool:
        """Whether a filter lets the message through, which a one-shot one does for its first one only."""
        if not pair.filter.oneshot:
            return True
        fires = self._firing.setdefault(
            pair.filter.id, _Firing(message_id, user_id, pair.preference.context))
        if fires.message_id != message_id:
            self._skipped.add(user_id)
            return False
        return True

    def rewrite(self, user_ids: Collection[int], recipients: Sequence[Sequence[Recipient]]) -> None:
        """Record these concerns, of each of the batch's messages, in place of what these users had."""
        self._firing = {
            filter_id: firing for filter_id, firing in self._firing.items()
            if firing.user_id not in user_ids}
        self._skipped -= set(user_ids)
        self._withdraw([
            row.id for row in self._new.values()
            if self._owners[row.preference_id][0] in user_ids and row.filter_id not in self._off])
        self.write([
            replace(matched, recipients=found) for matched,
            found in zip(self._batch, recipients, strict=True)])

    def _withdraw(self, notification_ids: Sequence[int]) -> None:
        if not notification_ids:
            return
        self._delete(delete(DelayedFailure).where(DelayedFailure.notification_id.in_(notification_ids)))
        gone = set(self._session.scalars(
            delete(Delivery).where(Delivery.notification_id.in_(notification_ids)).returning(Delivery.id)
            .execution_options(synchronize_session=False)))
        for context, ids in self._deliveries.items():
            self._deliveries[context] = [delivery_id for delivery_id in ids if delivery_id not in gone]
        self._delete(delete(Notification).where(Notification.id.in_(notification_ids)))
        for notification_id in notification_ids:
            del self._new[notification_id]

    def _delete(self, statement: Any) -> None:
        self._session.execute(statement.execution_options(synchronize_session=False))

    def switch_off_oneshots(self) -> frozenset[int]:
        """Switch off the one-shot filters that fired; returns whom to match again without them.

        Those are who would have been told by such a filter twice, and whose filter another worker switched
        off first, with another message.
        """
        if not self._firing:
            return frozenset()
        firing, self._firing = self._firing, {}
        # In this order for everybody, so that no two workers wait for each other.
        self._session.execute(
            select(Filter.id).where(Filter.id.in_(firing)).order_by(Filter.id)
            .with_for_update(key_share=True))
        off = set(self._session.scalars(
            update(Filter).where(Filter.id.in_(firing), Filter.enabled).values(enabled=False)
            .returning(Filter.id).execution_options(synchronize_session=False)))
        lost = firing.keys() - off
        self._withdraw([row.id for row in self._new.values() if row.filter_id in lost])
        self._off |= off
        for context in {firing[filter_id].context for filter_id in off}:
            users = [firing[each].user_id for each in off if firing[each].context == context]
            record_change(self._session, users, filter_changed(context, "state"))
        skipped, self._skipped = self._skipped, set()
        return frozenset(skipped.union(firing[filter_id].user_id for filter_id in lost))

    def finish(self) -> Recorded:
        """Note what is well again and which messages are matched; returns what came of the batch."""
        complete = [matched for matched in self._batch if matched.complete]
        recovered = {
            message_id: turn.key for message_id, turn in sorted(self._turns.items())
            if turn.outcome is Outcome.SUCCEEDED}
        drop_recovered(
            self._session, recovered, self._now, None if complete == self._batch else self._owners.keys())
        for matched in complete:
            mark_matched(matched.stored, matched.facts, self._now)
        self._session.flush()
        for row in self._new.values():
            metrics.notifications_created.labels(self._owners[row.preference_id][1]).inc()
        return Recorded({context: ids for context, ids in self._deliveries.items() if ids}, len(complete))


def message_by_id(session: Session, notification_id: int) -> Message | None:
    """The message of a notification; ``None`` if it isn't kept any more."""
    stored = session.scalar(
        select(StoredMessage).join(Notification, Notification.message_id == StoredMessage.id)
        .where(Notification.id == notification_id))
    return stored.message if stored else None


def _incoming(batch: Iterable[MatchedMessage]) -> Iterator[IncomingNotification]:
    for matched in batch:
        for recipient in matched.recipients:
            yield IncomingNotification(recipient.user_id, recipient.context, matched.facts.event)


def _notification_row(
    matched: MatchedMessage, pair: _MatchingFilter, rate: NotificationRate, now: datetime,
) -> Mapping[str, Any]:
    event = matched.facts.event
    waits = pair.rhythm.is_deferred(now, severe=event.severity.is_severe)
    throttled = not waits and rate.add(pair.preference.id, event)
    return {
        "message_id": matched.stored.id, "preference_id": pair.preference.id, "filter_id": pair.filter.id,
        "batched": waits or throttled, "throttled": throttled, "created_at": now,
    }


def _unmuted(session: Session, batch: Sequence[MatchedMessage], now: datetime) -> Sequence[MatchedMessage]:
    """The batch without whom it concerns with something that they muted."""
    users = {recipient.user_id for matched in batch for recipient in matched.recipients}
    muted = mutes_by_user(session, users, now)
    return [_without_muted(matched, muted) for matched in batch] if muted else batch


def _without_muted(matched: MatchedMessage, muted: Mapping[int, UserMutes]) -> MatchedMessage:
    thread = cache(partial(thread_of, matched.facts))
    silent = {
        user_id for user_id in muted.keys() & {recipient.user_id for recipient in matched.recipients}
        if muted[user_id].active_mute(matched.facts, thread)
    }
    return replace(matched, recipients=[one for one in matched.recipients if one.user_id not in silent])


def _choose(session: Session, batch: Iterable[MatchedMessage]) -> Mapping[Recipient, _MatchingFilter]:
    """The preference and the filter behind each recipient, as they are in the database now.

    They are locked against being deleted before we commit, for the notifications refer to them.
    """
    recipients = {recipient for matched in batch for recipient in matched.recipients}
    rows = session.execute(
        select(Preference, Filter, User.time_zone)
        .join(Filter, Filter.preference_id == Preference.id)
        .join(User, User.id == Preference.user_id)
        .where(Preference.user_id.in_({recipient.user_id for recipient in recipients}),
               Filter.expression_id.in_({recipient.expression_id for recipient in recipients}),
               Preference.enabled, Filter.enabled)
        .order_by(Filter.position.desc(), Filter.id.desc())
        .with_for_update(read=True, key_share=True, of=(Preference, Filter)),
        execution_options={"populate_existing": True})
    # Of a user's filters that ask the same, the last one seen here is the first in their order.
    by_recipient = {Recipient(row[0].user_id, row[0].context, row[1].expression_id): row for row in rows}
    return {
        recipient: _MatchingFilter(preference, chosen, schedule_of(preference, time_zone))
        for recipient in recipients.intersection(by_recipient)
        for preference, chosen, time_zone in (by_recipient[recipient],)
    }


def _failures(
    new: Iterable[Any], turns: Mapping[int, SubjectOutcome], chosen: Iterable[_MatchingFilter], now: datetime,
) -> Iterator[FailureToDelay]:
    """The notifications that something failed which is given time to recover."""
    minutes = {pair.filter.id: pair.filter.hold_minutes for pair in chosen}
    for row in new:
        minutes_to_recover, turn = minutes[row.filter_id], turns.get(row.message_id)
        if minutes_to_recover and turn is not None and turn.outcome is Outcome.FAILED:
            yield FailureToDelay(row.id, turn.key, now + timedelta(minutes=minutes_to_recover))


def _deliver_at_once(
    session: Session, batch: Sequence[MatchedMessage], notifications: Sequence[Any],
    delayed: Mapping[int, datetime],
    now: datetime,
) -> Mapping[str, Sequence[int]]:
    keys = {matched.stored.id: matched.stored.key for matched in batch}
    addresses = confirmed_addresses(session, {row.preference_id for row in notifications})
    rows = [
        delivery_row(
            DeliveryKind.SINGLE, f"{keys[row.message_id]}:{row.preference_id}", preference, address, now,
            notification_id=row.id, digest_id=None, until=delayed.get(row.id))
        for row in notifications
        for preference, reachable in (addresses[row.preference_id],)
        for address in reachable
    ]
    return insert_deliveries(session, rows)
