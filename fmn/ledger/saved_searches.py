"""Saved searches of an inbox: a name and a query each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import count
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.errors import UserError
from fmn.ledger.inbox_undo import Change, lock_user, save_change
from fmn.ledger.models import SavedSearch
from fmn.text import one_line
from fmn.translations import gettext

#: Saved searches of a user, and characters of a name and of a query.
MAX_SAVED: Final = 30
MAX_NAME_LENGTH: Final = 40
MAX_QUERY_LENGTH: Final = 400
#: What undoes a deletion is of this kind.
DELETED: Final = "saved search"


def saved_searches(session: Session, user_id: int) -> Sequence[SavedSearch]:
    """A user's saved searches, the oldest first."""
    return session.scalars(
        select(SavedSearch).where(SavedSearch.user_id == user_id).order_by(SavedSearch.id)).all()


def save_search(session: Session, user_id: int, name: str, query: str, now: datetime) -> SavedSearch:
    """Save a query under a name; a search that has the name gets the new query.

    Raises :class:`~fmn.errors.UserError`.
    """
    name = one_line(name)
    if not name or len(name) > MAX_NAME_LENGTH:
        raise UserError(gettext("Give the search a name of at most {most} characters.").format(
            most=MAX_NAME_LENGTH), "name")
    if not query:
        raise UserError(gettext("Search for something first, then save that."), "q")
    if len(query) > MAX_QUERY_LENGTH:
        raise UserError(gettext("Search for at most {n} characters.").format(n=MAX_QUERY_LENGTH), "q")
    lock_user(session, user_id)
    there = {each.name: each for each in saved_searches(session, user_id)}
    found = there.get(name)
    if found is None:
        if len(there) >= MAX_SAVED:
            raise UserError(gettext("You have {number} saved searches. Delete one of them first.").format(
                number=MAX_SAVED), "name")
        found = SavedSearch(user_id=user_id, name=name, created_at=now)
        session.add(found)
    found.query = query
    session.flush()
    return found


def delete_search(session: Session, user_id: int, search_id: int, now: datetime) -> tuple[str, int] | None:
    """Delete a saved search. Returns its name and the undo's id; ``None`` if the user has no such search."""
    lock_user(session, user_id)
    found = session.scalars(
        select(SavedSearch).where(SavedSearch.id == search_id, SavedSearch.user_id == user_id)).one_or_none()
    if found is None:
        return None
    change = {"kind": DELETED, "name": found.name, "query": found.query}
    session.delete(found)
    return change["name"], save_change(session, user_id, change, now)


def undo_deletion(session: Session, user_id: int, change: Change, now: datetime) -> SavedSearch:
    """Save a deleted search again, with a number in its name if another one has it by now.

    Raises :class:`~fmn.errors.UserError` if there's no room.
    """
    there = {each.name: each.query for each in saved_searches(session, user_id)}
    query = change["query"]
    name = next(each for each in _numbered(change["name"]) if there.get(each, query) == query)
    return save_search(session, user_id, name, query, now)


def _numbered(name: str) -> Iterator[str]:
    yield name
    for number in count(2):
        end = f" ({number})"
        yield name[:MAX_NAME_LENGTH - len(end)] + end
