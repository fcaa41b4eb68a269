"""Inbox queries: a user's notifications, newest first, in pages, with filters and search.

A page takes the same few statements whatever the size of the inbox. It starts at a notification, so new ones
don't shift the pages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, joinedload

from fmn.catalog import Message
from fmn.filters.models import Filter, label_of
from fmn.infra.public_ids import PublicId
from fmn.ledger.inbox_filter import EVERYTHING, IN_INBOX, InboxFilter, branches, is_unread
from fmn.ledger.inbox_paging import FIRST, InboxSlice, PagePosition
from fmn.ledger.models import DelayedFailure, Delivery, DeliveryState, Notification, StoredMessage
from fmn.people.models import Preference

#: Notifications on a page.
PAGE: Final = 50
#: Notifications that are looked at for one page of a search.
MAX_SEARCHED: Final = 10_000


@dataclass(frozen=True)
class InboxNotification:
    """A notification in an inbox. ``filter_name`` is ``""`` if its filter was deleted.

    ``deliveries`` are its own or its digest's. While it ``awaits_digest`` there are none; then
    ``delayed_until`` is set for a failure that has time to recover. ``received_at`` is when its message came
    in, ``packages`` and ``thread_key`` are that one's.
    """

    id: int
    message: Message
    preference_id: int
    context: str
    filter_id: int | None
    filter_name: str
    created_at: datetime
    read_at: datetime | None
    awaits_digest: bool
    deliveries: Sequence[Delivery]
    received_at: datetime
    delayed_until: datetime | None = None
    nonce: int | None = None
    done_at: datetime | None = None
    snoozed_until: datetime | None = None
    packages: Sequence[str] = ()
    thread_key: int | None = None
    #: The group whose filter it is, ``None`` for the user's own.
    filter_group: str | None = None

    def is_snoozed(self, now: datetime) -> bool:
        """Whether it comes back later than now."""
        return self.done_at is None and self.snoozed_until is not None and self.snoozed_until > now

    def is_unread(self, now: datetime) -> bool:
        """Whether it's in the inbox and nobody has read it."""
        return self.read_at is None and not self.is_snoozed(now)

    @property
    def public_id(self) -> PublicId:
        """The notification's id in links."""
        return PublicId(self.id, self.nonce)


@dataclass(frozen=True)
class InboxPage:
    """A page of an inbox, newest first, with the positions of the pages beside it.

    ``searched_until`` is set if the search reached its limit, and says how far back it got.
    """

    entries: Sequence[InboxNotification]
    newer: PagePosition | None = None
    older: PagePosition | None = None
    searched_until: datetime | None = None


def inbox(
    session: Session, user_id: int, now: datetime, wanted: InboxFilter = IN_INBOX,
    place: PagePosition = FIRST, *, most: int = PAGE, max_searched: int = MAX_SEARCHED,
) -> InboxPage:
    """Up to ``most`` notifications from a position on, of the next ``max_searched``."""
    window = inbox_slice(session, user_id, now, wanted, place, max_searched if wanted.searches else most + 1)
    if window is None:
        return InboxPage([])
    found = session.scalars(window.found(most + 1)).all()
    ids = found[:most]
    edge = None
    if wanted.searches and len(found) <= most:
        edge = session.execute(window.edge()).one_or_none()
    further = ids[-1] if len(found) > most else edge.id if edge else None
    entries = load_entries(session, ids)
    newer, older = place.beside([entry.id for entry in entries], further)
    return InboxPage(entries, newer, older, edge.created_at if edge else None)


def message_for_user(session: Session, user_id: int, notification_id: int) -> Message | None:
    """The message of a user's notification; ``None`` if the notification isn't this user's."""
    stored = session.scalars(
        select(StoredMessage)
        .join(Notification, Notification.message_id == StoredMessage.id)
        .join(Preference, Preference.id == Notification.preference_id)
        .where(Notification.id == notification_id, Preference.user_id == user_id)).one_or_none()
    return stored.message if stored else None


def nth_last_sent(session: Session, preference_id: int, number: int) -> int | None:
    """The notification of a preference that was sent last, or the ``number``-th before it.

    ``None`` if there aren't so many.
    """
    singly = exists().where(Delivery.notification_id == Notification.id, Delivery.state == DeliveryState.SENT)
    together = exists().where(
        Delivery.digest_id == Notification.digest_id, Delivery.state == DeliveryState.SENT)
    return session.scalars(
        select(Notification.id).where(Notification.preference_id == preference_id, or_(singly, together))
        .order_by(Notification.id.desc()).offset(number - 1).limit(1)).one_or_none()


def inbox_slice(
    session: Session, user_id: int, now: datetime, wanted: InboxFilter, place: PagePosition, size: int,
) -> InboxSlice | None:
    """Up to ``size`` notifications of a user from a position on, among which to search.

    ``None`` if there can't be any.
    """
    own = preference_ids(session, user_id, wanted)
    if not own or not any(True for _ in branches(wanted, now)):
        return None
    return InboxSlice(own, wanted, place, size, now)


def has_any(session: Session, user_id: int, now: datetime, wanted: InboxFilter) -> bool:
    """Whether a user has a notification that matches."""
    found = inbox_slice(session, user_id, now, wanted, FIRST, 1)
    return found is not None and session.execute(found.rows()).first() is not None


def preference_ids(session: Session, user_id: int, wanted: InboxFilter = EVERYTHING) -> Sequence[int]:
    """Ids of a user's preferences whose contexts are wanted."""
    chosen = select(Preference.id).where(
        Preference.user_id == user_id, Preference.context.not_in(sorted(wanted.without_contexts)))
    if wanted.contexts is not None:
        chosen = chosen.where(Preference.context.in_(sorted(wanted.contexts)))
    return session.scalars(chosen).all()


def back_from_snooze(
    session: Session, user_id: int, now: datetime, most: int, since: datetime | None = None,
) -> Sequence[InboxNotification]:
    """The notifications whose snooze is over and that nobody has read since, the latest end first.

    With ``since``, those whose snooze ended then or later.
    """
    conditions = [
        Notification.preference_id.in_(select(Preference.id).where(Preference.user_id == user_id)),
        Notification.snoozed_until <= now, Notification.done_at.is_(None), is_unread(now)]
    if since is not None:
        conditions.append(Notification.snoozed_until >= since)
    ids = session.scalars(
        select(Notification.id).where(*conditions)
        .order_by(Notification.snoozed_until.desc(), Notification.id.desc()).limit(most)).all()
    by_id = {entry.id: entry for entry in load_entries(session, ids)}
    return [by_id[each] for each in ids]


def load_entries(session: Session, ids: Sequence[int]) -> Sequence[InboxNotification]:
    """Notifications by id, newest first, with their messages, filters and deliveries."""
    rows = session.execute(
        select(Notification, Preference.context, label_of(Filter.name, Filter.group_name), Filter.group_name,
               DelayedFailure.until)
        .options(joinedload(Notification.stored_message))
        .join(Preference, Preference.id == Notification.preference_id)
        .outerjoin(Filter, Filter.id == Notification.filter_id)
        .outerjoin(DelayedFailure, DelayedFailure.notification_id == Notification.id)
        .where(Notification.id.in_(ids))
        .order_by(Notification.id.desc())).all() if ids else ()
    deliveries = _deliveries(session, [found for found, *_ in rows])
    return [
        InboxNotification(
            id=found.id, message=found.stored_message.message, preference_id=found.preference_id,
            context=context, filter_id=found.filter_id, filter_name=filter_name or "",
            created_at=found.created_at, read_at=found.read_at,
            awaits_digest=found.batched and found.digest_id is None, deliveries=deliveries[found.id],
            received_at=found.stored_message.received_at,
            delayed_until=delayed_until, nonce=found.nonce, done_at=found.done_at,
            snoozed_until=found.snoozed_until, packages=found.stored_message.packages,
            thread_key=found.stored_message.thread_key, filter_group=group_name)
        for found, context, filter_name, group_name, delayed_until in rows
    ]


def _deliveries(
    session: Session, notifications: Sequence[Notification],
) -> Mapping[int, Sequence[Delivery]]:
    """Deliveries of notifications, by notification id."""
    ids = [each.id for each in notifications]
    digests = {each.digest_id for each in notifications} - {None}
    rows = session.scalars(
        select(Delivery)
        .where(or_(Delivery.notification_id.in_(ids), Delivery.digest_id.in_(digests)))
        .order_by(Delivery.id)) if ids else ()
    found: defaultdict[tuple[int | None, int | None], list[Delivery]] = defaultdict(list)
    for row in rows:
        found[row.notification_id, row.digest_id].append(row)
    return {each.id: [*found[each.id, None], *found[None, each.digest_id]] for each in notifications}
