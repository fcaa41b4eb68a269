"""Inboxes: what FMN sent somebody or will, the newest first, and finding things in it.

A page costs the same few statements whatever an inbox holds. It begins beside a notification, so what arrives
meanwhile moves nothing from one page to another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from fmn.catalog import Message
from fmn.filters.models import Filter
from fmn.ledger.models import Delivery, Notification
from fmn.ledger.paging import FIRST, Place, Window
from fmn.ledger.search import ANYTHING, Wanted
from fmn.people.models import Preference

#: Notifications on a page.
PAGE: Final = 50
#: Notifications that are looked at for one page of a search.
LOOKED_AT: Final = 20_000


@dataclass(frozen=True)
class Batch:
    """What waits for a preference's next digest: how many notifications, and since when."""

    preference: Preference
    count: int
    first_at: datetime


@dataclass(frozen=True)
class Entry:
    """A notification in an inbox. ``filter_name`` is ``""`` if its filter has been deleted.

    ``deliveries`` are what it was sent with, alone or in a digest. While it waits to go into one there are
    none of them, but a ``batch``.
    """

    id: int
    message: Message
    context: str
    filter_id: int | None
    filter_name: str
    created_at: datetime
    read_at: datetime | None
    deliveries: Sequence[Delivery]
    batch: Batch | None


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
    preferences = preferences_of(session, user_id, wanted.context)
    if not preferences:
        return Page([])
    window = Window(list(preferences), wanted, place, looked_at if wanted.searches else most + 1)
    found = session.scalars(window.found(most + 1)).all()
    ids = found[:most]
    edge = None
    if wanted.searches and len(found) <= most:
        edge = session.execute(window.edge()).one_or_none()
    further = ids[-1] if len(found) > most else edge.id if edge else None
    entries = entries_of(session, preferences, ids)
    newer, older = place.beside([entry.id for entry in entries], further)
    return Page(entries, newer, older, edge.created_at if edge else None)


def preferences_of(session: Session, user_id: int, context: str = "") -> Mapping[int, Preference]:
    """Somebody's preferences by their ids: all, or the one for a context."""
    chosen = select(Preference).where(Preference.user_id == user_id)
    if context:
        chosen = chosen.where(Preference.context == context)
    return {each.id: each for each in session.scalars(chosen)}


def entries_of(
    session: Session, preferences: Mapping[int, Preference], ids: Sequence[int],
) -> Sequence[Entry]:
    """The notifications of these ids, the newest first, with all there is to tell of them."""
    rows = session.execute(
        select(Notification, Filter.name)
        .options(joinedload(Notification.stored_message))
        .outerjoin(Filter, Filter.id == Notification.filter_id)
        .where(Notification.id.in_(ids), Notification.preference_id.in_(preferences))
        .order_by(Notification.id.desc())).all() if ids else []
    deliveries = _deliveries(session, [found for found, _ in rows])
    batches = _batches(session, preferences, {found.preference_id for found, _ in rows if _waits(found)})
    return [
        Entry(
            id=found.id, message=found.stored_message.message,
            context=preferences[found.preference_id].context,
            filter_id=found.filter_id, filter_name=filter_name or "",
            created_at=found.created_at, read_at=found.read_at, deliveries=deliveries[found.id],
            batch=batches.get(found.preference_id) if _waits(found) else None)
        for found, filter_name in rows
    ]


def _waits(notification: Notification) -> bool:
    return notification.batched and notification.digest_id is None


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


def _batches(
    session: Session, preferences: Mapping[int, Preference], ids: Collection[int],
) -> Mapping[int, Batch]:
    """What waits for the next digest of preferences, by their ids."""
    rows = session.execute(
        select(Notification.preference_id, func.count(), func.min(Notification.created_at))
        .where(Notification.preference_id.in_(ids), Notification.batched, Notification.digest_id.is_(None))
        .group_by(Notification.preference_id)) if ids else ()
    return {
        preference_id: Batch(preferences[preference_id], count, first_at)
        for preference_id, count, first_at in rows
    }
