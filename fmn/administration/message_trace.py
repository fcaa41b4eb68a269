"""Trace of a message: when it was received and matched, whom it notified, and what came of each delivery.

It reads what the ledger recorded. Muting isn't recorded, so mutes are told as they are now, see
:mod:`fmn.matching.muted_recipients`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from fmn.administration.audit_log import log_action
from fmn.catalog import Catalog
from fmn.channels import mask_address
from fmn.directory.snapshot import Directory
from fmn.filters.models import Filter, label_of
from fmn.filters.rule_types import RuleTypes
from fmn.ledger.models import DelayedFailure, Delivery, DeliveryState, Digest, Notification, StoredMessage
from fmn.ledger.quarantine import MatchingState, matching_state
from fmn.ledger.reasons import Reason
from fmn.matching.compiler import EvaluationTimeoutError, Meter
from fmn.matching.muted_recipients import MutedRecipient, muted_recipients
from fmn.people.models import Preference, User
from fmn.text import one_line
from fmn.translations import gettext, mark

#: Notifications and mutes shown unless somebody asks for more.
SHOWN: Final = 20
#: Notifications read in one go: their ids are parameters of a statement.
BATCH_SIZE: Final = 1_000
#: States besides those of deliveries: of notifications that wait for a digest, of deliveries that a filter
#: delays, and of notifications of which no delivery is recorded.
FOR_DIGEST: Final = "waiting for a digest"
DELAYED_STATE: Final = "delayed"
NO_DELIVERY: Final = "without a delivery"


@dataclass(frozen=True)
class TracedDelivery:
    """A delivery. ``reason`` is the last answer, or why it isn't sent; ``address`` has no secrets in it.

    ``next_attempt_at`` is set while it waits, ``claimed_until`` while a backend has it.
    """

    kind: str
    state: str
    address: str
    reason: str
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None
    claimed_until: datetime | None
    finished_at: datetime | None
    bounced_at: datetime | None
    delayed: bool


@dataclass(frozen=True)
class TracedDigest:
    """The digest that a notification went into, with how many others."""

    id: int
    created_at: datetime
    throttled: bool
    notifications: int


@dataclass(frozen=True)
class TracedNotification:
    """A notification with its deliveries. ``filter_name`` is ``""`` if the filter has been deleted.

    ``awaits_digest`` until its ``digest`` is closed; ``throttled`` if that is because too much came at once.
    ``delayed_until`` is when a failure is sent unless it recovers before.
    """

    id: int
    nick: str
    context: str
    filter_id: int | None
    filter_name: str
    created_at: datetime
    read_at: datetime | None
    awaits_digest: bool
    throttled: bool
    delayed_until: datetime | None
    digest: TracedDigest | None
    deliveries: Sequence[TracedDelivery]


@dataclass(frozen=True)
class MessageTrace:
    """A message on its way through FMN.

    ``enqueued_at`` is when a task to match it was sent last, which is when it was stored unless the sweep
    sent another.
    ``counts`` are notifications and deliveries by context and state, of everybody; ``notifications`` are the
    first of them, or one person's, and there may be ``more``. ``muted`` are recipients who have it muted now;
    ``muted_problem`` says why that can't be told. ``nick`` is the one person it's restricted to.
    """

    msg_id: str
    topic: str
    signer: str
    summary: str
    late: bool
    sent_at: datetime
    received_at: datetime
    enqueued_at: datetime | None
    matched_at: datetime | None
    state: MatchingState
    tries: int
    interruptions: int
    people: int
    counts: Mapping[str, Mapping[str, int]]
    nick: str
    notifications: Sequence[TracedNotification]
    more: bool
    muted: Sequence[MutedRecipient]
    more_muted: bool
    muted_problem: str


@dataclass(frozen=True)
class TraceScope:
    """What of a message is traced: everybody or one user, after a notification, up to ``most`` or all."""

    user_id: int | None = None
    nick: str = ""
    after: int = 0
    most: int | None = SHOWN


class MessageTracer:
    """Traces messages. ``directory`` is ``None`` while it can't be had; mutes can't be told then."""

    def __init__(
        self, session: Session, catalog: Catalog, rule_types: RuleTypes, directory: Directory | None,
        now: datetime, meter: Meter | None = None,
    ) -> None:
        self._session = session
        self._catalog = catalog
        self._rule_types = rule_types
        self._directory = directory
        self._now = now
        self._meter = meter

    def trace(self, stored: StoredMessage, scope: TraceScope) -> MessageTrace:
        """The trace of a message."""
        most = None if scope.most is None else scope.most + 1
        found = list(islice(self._notifications(stored.id, scope), most))
        muted, problem = self._muted(stored, scope, most)
        message, accounts = stored.message, self._directory.account if self._directory else None
        described = (
            self._catalog.describe(message, accounts) if accounts else self._catalog.describe(message))
        return MessageTrace(
            msg_id=stored.msg_id, topic=stored.topic, signer=stored.signer,
            summary=one_line(described.summary), late=stored.late, sent_at=stored.sent_at,
            received_at=stored.received_at,
            enqueued_at=stored.enqueued_at, matched_at=stored.matched_at, state=matching_state(stored),
            tries=stored.tries, interruptions=stored.interruptions, people=self._people(stored.id),
            counts=_counts(self._session, stored.id, self._now), nick=scope.nick,
            notifications=found[:scope.most], more=len(found) != len(found[:scope.most]),
            muted=muted[:scope.most], more_muted=len(muted) != len(muted[:scope.most]),
            muted_problem=problem)

    def _people(self, message_id: int) -> int:
        return self._session.scalar(
            select(func.count(Preference.user_id.distinct()))
            .join(Notification, Notification.preference_id == Preference.id)
            .where(Notification.message_id == message_id)) or 0

    def _muted(
        self, stored: StoredMessage, scope: TraceScope, most: int | None,
    ) -> tuple[Sequence[MutedRecipient], str]:
        if self._directory is None:
            return (), gettext("package owners can't be looked up just now")
        if scope.after:  # a later page; the first one has them
            return (), ""
        facts = self._catalog.facts(stored.message, self._directory.account)
        try:
            return list(islice(muted_recipients(
                self._session, stored.id, facts, self._directory, self._rule_types, self._now,
                user_id=scope.user_id, meter=self._meter), most)), ""
        except EvaluationTimeoutError:
            return (), gettext("evaluating the filters takes too long")

    def _notifications(self, message_id: int, scope: TraceScope) -> Iterator[TracedNotification]:
        after, size = scope.after, BATCH_SIZE if scope.most is None else min(scope.most + 1, BATCH_SIZE)
        while batch := self._batch(message_id, scope.user_id, after, size):
            yield from batch
            after = batch[-1].id

    def _batch(
        self, message_id: int, user_id: int | None, after: int, size: int,
    ) -> Sequence[TracedNotification]:
        statement = (
            select(Notification, Preference.context, User.nick,
                   label_of(Filter.name, Filter.group_name), DelayedFailure.until, Digest)
            .join(Preference, Preference.id == Notification.preference_id)
            .join(User, User.id == Preference.user_id)
            .outerjoin(Filter, Filter.id == Notification.filter_id)
            .outerjoin(DelayedFailure, DelayedFailure.notification_id == Notification.id)
            .outerjoin(Digest, Digest.id == Notification.digest_id)
            .where(Notification.message_id == message_id, Notification.id > after)
            .order_by(Notification.id).limit(size))
        if user_id is not None:
            statement = statement.where(Preference.user_id == user_id)
        rows = self._session.execute(statement).all()
        deliveries = _deliveries(self._session, [row[0] for row in rows], self._now)
        sizes = _digest_sizes(self._session, {digest.id for *_, digest in rows if digest is not None})
        return [
            TracedNotification(
                id=found.id, nick=nick, context=context, filter_id=found.filter_id,
                filter_name=filter_name or "", created_at=found.created_at, read_at=found.read_at,
                awaits_digest=found.batched and found.digest_id is None, throttled=found.throttled,
                delayed_until=until if until is not None and until > self._now else None,
                digest=_traced_digest(digest, sizes),
                deliveries=deliveries[found.id])
            for found, context, nick, filter_name, until, digest in rows
        ]


def _traced_digest(digest: Digest | None, sizes: Mapping[int, int]) -> TracedDigest | None:
    if digest is None:
        return None
    return TracedDigest(digest.id, digest.created_at, digest.throttled, sizes[digest.id])


def log_trace(session: Session, actor: str, trace: MessageTrace) -> None:
    """Put it into the audit log that ``actor`` saw a trace: an entry for each person who is in it."""
    nicks = {each.nick for each in trace.notifications} | {each.nick for each in trace.muted}
    for nick in sorted(nicks) or [trace.nick]:
        log_action(session, actor, mark("traced a message"), nick, msg_id=trace.msg_id)


def _deliveries(
    session: Session, notifications: Sequence[Notification], now: datetime,
) -> Mapping[int, Sequence[TracedDelivery]]:
    """What notifications are sent with, singly or in a digest, by the notification's id."""
    ids = [each.id for each in notifications]
    digests = {each.digest_id for each in notifications} - {None}
    rows = session.scalars(
        select(Delivery).where(or_(Delivery.notification_id.in_(ids), Delivery.digest_id.in_(digests)))
        .order_by(Delivery.id)) if ids else ()
    found: defaultdict[tuple[int | None, int | None], list[TracedDelivery]] = defaultdict(list)
    for row in rows:
        found[row.notification_id, row.digest_id].append(_traced(row, now))
    return {each.id: [*found[each.id, None], *found[None, each.digest_id]] for each in notifications}


def _traced(row: Delivery, now: datetime) -> TracedDelivery:
    waits = row.state == DeliveryState.WAITING
    claimed = row.claimed_until is not None and row.claimed_until > now
    return TracedDelivery(
        kind=row.kind, state=row.state, address=mask_address(row.context, row.destination),
        reason=row.reason, attempts=row.attempts, created_at=row.created_at,
        next_attempt_at=row.next_attempt_at if waits else None,
        claimed_until=row.claimed_until if waits and claimed else None, finished_at=row.finished_at,
        bounced_at=row.bounced_at,
        delayed=waits and Reason.of(row.reason) is Reason.DELAYED and row.next_attempt_at > now)


def _digest_sizes(session: Session, digest_ids: set[int]) -> Mapping[int, int]:
    if not digest_ids:
        return {}
    rows = session.execute(
        select(Notification.digest_id, func.count())
        .where(Notification.digest_id.in_(digest_ids)).group_by(Notification.digest_id))
    return {digest_id: count for digest_id, count in rows if digest_id is not None}


def _counts(session: Session, message_id: int, now: datetime) -> Mapping[str, Mapping[str, int]]:
    """How many deliveries of a message there are in each state, and notifications without any, by context."""
    delayed = and_(
        Delivery.state == DeliveryState.WAITING, Delivery.reason == Reason.DELAYED.sentence,
        Delivery.next_attempt_at > now)
    state = case((delayed, DELAYED_STATE), else_=Delivery.state)
    singly = Delivery.notification_id == Notification.id
    together = Delivery.digest_id == Notification.digest_id
    awaits = and_(Notification.batched, Notification.digest_id.is_(None))
    none = and_(~awaits, ~exists().where(singly), ~exists().where(together))
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for statement in (
        _counted(message_id, state).join(Delivery, singly),
        _counted(message_id, state).join(Delivery, together),
        _counted(message_id, literal(FOR_DIGEST)).where(awaits),
        _counted(message_id, literal(NO_DELIVERY)).where(none),
    ):
        for context, what, count in session.execute(statement):
            found[context][what] = found[context].get(what, 0) + count
    return {context: dict(sorted(found[context].items())) for context in sorted(found)}


def _counted(message_id: int, state: ColumnElement[str]) -> Select[str, str, int]:
    return (
        # Grouped by its name: PostgreSQL doesn't see that two expressions with parameters are the same.
        select(Preference.context, state.label("traced_state"), func.count())
        .select_from(Notification).join(Preference, Preference.id == Notification.preference_id)
        .where(Notification.message_id == message_id)
        .group_by(Preference.context, "traced_state"))
