"""Inboxes: what FMN sent somebody or will, the newest first, and finding things in it.

A page costs the same few statements whatever an inbox holds. It begins beside a notification, so what arrives
meanwhile moves nothing from one page to another.
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
from fmn.filters.models import Filter
from fmn.infra.public_ids import RowName
from fmn.ledger.inbox_filter import ANYTHING, Wanted
from fmn.ledger.inbox_paging import FIRST, Place, Window
from fmn.ledger.models import Delivery, Hold, Notification, State, StoredMessage
from fmn.people.models import Preference

#: Notifications on a page.
PAGE: Final = 50
#: Notifications that are looked at for one page of a search.
LOOKED_AT: Final = 20_000


@dataclass(frozen=True)
class Entry:
    """A notification in an inbox. ``filter_name`` is ``""`` if its filter has been deleted.

    ``deliveries`` are what it's sent with, alone or in a digest. While it ``waits`` to go into one there are
    none. It's ``held_until`` then if it tells of a failure that is given time to recover. ``received_at`` is
    when its message came.
    """

    id: int
    message: Message
    preference_id: int
    context: str
    filter_id: int | None
    filter_name: str
    created_at: datetime
    read_at: datetime | None
    waits: bool
    deliveries: Sequence[Delivery]
    received_at: datetime
    held_until: datetime | None = None
    nonce: int | None = None

    @property
    def row_name(self) -> RowName:
        """What links call it."""
        return RowName(self.id, self.nonce)


@dataclass(frozen=True)
class Page:
    """A part of an inbox, the newest first; ``newer`` and ``older`` are where the parts beside it are.

    ``looked_until`` is set if there was more to search than one page may, and says how far one got.
    """

    entries: Sequence[Entry]
    newer: Place | None = None
    older: Place | None = None
    looked_until: datetime | None = None


def inbox(
    session: Session, user_id: int, wanted: Wanted = ANYTHING, place: Place = FIRST, *,
    most: int = PAGE, looked_at: int = LOOKED_AT,
) -> Page:
    """Up to ``most`` notifications of somebody from a place on, searched among the next ``looked_at``."""
    preferences = preference_ids(session, user_id, wanted.context)
    if not preferences:
        return Page([])
    window = Window(preferences, wanted, place, looked_at if wanted.searches else most + 1)
    found = session.scalars(window.found(most + 1)).all()
    ids = found[:most]
    edge = None
    if wanted.searches and len(found) <= most:
        edge = session.execute(window.edge()).one_or_none()
    further = ids[-1] if len(found) > most else edge.id if edge else None
    entries = entries_of(session, ids)
    newer, older = place.beside([entry.id for entry in entries], further)
    return Page(entries, newer, older, edge.created_at if edge else None)


def message_of(session: Session, user_id: int, notification_id: int) -> Message | None:
    """The message of a notification, ``None`` if it isn't one of this user."""
    stored = session.scalars(
        select(StoredMessage)
        .join(Notification, Notification.message_id == StoredMessage.id)
        .join(Preference, Preference.id == Notification.preference_id)
        .where(Notification.id == notification_id, Preference.user_id == user_id)).one_or_none()
    return stored.message if stored else None


def sent_before(session: Session, preference_id: int, number: int) -> int | None:
    """The notification of a preference that was sent last, or the ``number``-th counted back from there.

    ``None`` if there aren't so many.
    """
    singly = exists().where(Delivery.notification_id == Notification.id, Delivery.state == State.SENT)
    together = exists().where(Delivery.digest_id == Notification.digest_id, Delivery.state == State.SENT)
    return session.scalars(
        select(Notification.id).where(Notification.preference_id == preference_id, or_(singly, together))
        .order_by(Notification.id.desc()).offset(number - 1).limit(1)).one_or_none()


def preference_ids(session: Session, user_id: int, context: str = "") -> Sequence[int]:
    """The ids of somebody's preferences, or of the one for a context."""
    chosen = select(Preference.id).where(Preference.user_id == user_id)
    if context:
        chosen = chosen.where(Preference.context == context)
    return session.scalars(chosen).all()


def entries_of(session: Session, ids: Sequence[int]) -> Sequence[Entry]:
    """The notifications of these ids, the newest first, with all there is to tell of them."""
    rows = session.execute(
        select(Notification, Preference.context, Filter.name, Hold.until)
        .options(joinedload(Notification.stored_message))
        .join(Preference, Preference.id == Notification.preference_id)
        .outerjoin(Filter, Filter.id == Notification.filter_id)
        .outerjoin(Hold, Hold.notification_id == Notification.id)
        .where(Notification.id.in_(ids))
        .order_by(Notification.id.desc())).all() if ids else ()
    deliveries = _deliveries(session, [found for found, *_ in rows])
    return [
        Entry(
            id=found.id, message=found.stored_message.message, preference_id=found.preference_id,
            context=context, filter_id=found.filter_id, filter_name=filter_name or "",
            created_at=found.created_at, read_at=found.read_at,
            waits=found.batched and found.digest_id is None, deliveries=deliveries[found.id],
            received_at=found.stored_message.received_at,
            held_until=held_until, nonce=found.nonce)
        for found, context, filter_name, held_until in rows
    ]


def _deliveries(
    session: Session, notifications: Sequence[Notification],
) -> Mapping[int, Sequence[Delivery]]:
    """What notifications were sent with, by their ids."""
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
