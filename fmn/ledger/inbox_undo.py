"""Undo of changes of an inbox: notifications' states, mutes, and saved searches.

What a change needs to be undone is kept for a day as JSON, a number and a size of them for each user. The
caller of :func:`save_change` has locked the user with :func:`lock_user`, so that the bound holds under
concurrency.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from fmn.ledger.models import InboxUndo
from fmn.people.models import User

#: Changes of a user that can be undone, and characters of JSON in them, unless the latest alone has more.
MAX_UNDOS: Final = 50
MAX_UNDO_CHARACTERS: Final = 500_000

#: A change as JSON; ``kind`` says whose it is.
Change = Mapping[str, Any]


def lock_user(session: Session, user_id: int) -> None:
    """Let no other transaction change this user's inbox until the commit."""
    session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))


def save_change(session: Session, user_id: int, change: Change, now: datetime) -> int:
    """Keep what undoes a change. Returns the undo's id; the oldest ones beyond the bound are deleted."""
    kept = InboxUndo(user_id=user_id, change=change, created_at=now)
    session.add(kept)
    session.flush()
    if beyond := list(_beyond_room(session, user_id)):
        session.execute(
            delete(InboxUndo).where(InboxUndo.id.in_(beyond)).execution_options(synchronize_session=False))
    return kept.id


def take_change(session: Session, user_id: int, undo_id: int) -> Change | None:
    """What to undo, which nobody can take again; ``None`` if that was done already.

    Raises :class:`~sqlalchemy.exc.NoResultFound` if the user has no such undo, or not any more.
    """
    lock_user(session, user_id)
    kept = session.scalars(
        select(InboxUndo).where(InboxUndo.id == undo_id, InboxUndo.user_id == user_id)
        .execution_options(populate_existing=True)).one()
    change: Change | None = kept.change
    kept.change = None
    session.flush()
    return change


def delete_old_inbox_undos(session: Session, before: datetime, most: int) -> int:
    """Delete up to ``most`` undos from before ``before``. Returns how many."""
    old = (select(InboxUndo.id).where(InboxUndo.created_at < before)
           .order_by(InboxUndo.created_at).limit(most))
    return len(session.scalars(delete(InboxUndo).where(InboxUndo.id.in_(old)).returning(InboxUndo.id)).all())


def _beyond_room(session: Session, user_id: int) -> Iterator[int]:
    """The ids of a user's undos beyond the bound. The latest one is always kept."""
    sizes = session.execute(
        select(InboxUndo.id, func.length(InboxUndo.change)).where(InboxUndo.user_id == user_id)
        .order_by(InboxUndo.id.desc()))
    characters = 0
    for number, (undo_id, size) in enumerate(sizes):
        characters += size
        if number and (number >= MAX_UNDOS or characters > MAX_UNDO_CHARACTERS):
            yield undo_id
