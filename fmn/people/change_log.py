"""The change log of preferences: what makes a saved preference count for the next message.

Every change of a user's preferences or filters is recorded in the transaction that makes it. A
matcher compares the revision with its index's before each batch and reloads only who changed. What changed is
noted too, for :mod:`fmn.scheduler.announcer`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from fmn.errors import ConflictError
from fmn.infra.db import insert_new
from fmn.people.models import PreferenceChange, PreferenceRevision

#: In place of a user, who never has this number.
ALL_USERS: Final = 0


class ChangedObject(StrEnum):
    """What changed, as the bus calls it."""

    PREFERENCE = "preference"
    FILTER = "filter"
    CONFIRMATION = "confirmation"


class PreferenceEdit(NamedTuple):
    """One thing that changed in one context. ``part`` says what of it, as FMN 2 did where it had that."""

    changed_object: ChangedObject
    context: str
    part: str


def preference_changed(context: str, part: str) -> PreferenceEdit:
    """A part of a preference changed.

    Parts: ``enabled``, ``batch_values``, ``details``, ``filters``, ``shown``, ``triggered_by_links``,
    ``shorten_links``, ``markup_messages``, ``mime_digest``.
    """
    return PreferenceEdit(ChangedObject.PREFERENCE, context, part)


def filter_changed(context: str, part: str) -> PreferenceEdit:
    """A part of a filter changed: its ``rules``, its ``name``, or its ``state``, on or off."""
    return PreferenceEdit(ChangedObject.FILTER, context, part)


def confirmation_changed(context: str) -> PreferenceEdit:
    """An address was confirmed, or its confirmation was denied."""
    return PreferenceEdit(ChangedObject.CONFIRMATION, context, "status")


@dataclass(frozen=True)
class Changes:
    """Who changed since a revision; ``complete`` is false if the log doesn't reach back that far."""

    revision: int
    user_ids: frozenset[int]
    complete: bool


def record_change(session: Session, user_ids: Iterable[int], *changed: PreferenceEdit) -> int:
    """Note that these users' preferences change in this transaction; returns the new revision.

    ``changed`` says what changed, the same of each. Others who change preferences wait until the transaction
    ends, so that revisions are committed in order.
    """
    revision = _count_up(session)
    if revision is None:
        _make_revision(session)
        revision = _count_up(session)
    assert revision is not None
    noted = [list(change) for change in dict.fromkeys(changed)]
    session.add_all(
        PreferenceChange(revision=revision, user_id=user_id, changed=noted) for user_id in set(user_ids))
    session.flush()
    return revision


def record_change_of_all(session: Session) -> int:
    """Have every index loaded anew, as if everybody had changed something; returns the new revision.

    Nothing is announced of it.
    """
    return record_change(session, [ALL_USERS])


def lock_changes(session: Session) -> None:
    """Let others who change preferences wait already now, because what to change depends on what is there.

    Taken before anything else, it also keeps two who change the same from waiting for each other crosswise.
    """
    lock = select(PreferenceRevision.revision).with_for_update()
    if session.scalar(lock) is None:
        _make_revision(session)
        session.execute(lock)


def current_revision(session: Session) -> int:
    """The revision of the last committed change; 0 before the first."""
    return session.scalar(select(PreferenceRevision.revision)) or 0


def changes_since(session: Session, revision: int) -> Changes:
    """Who changed after ``revision``."""
    newest = current_revision(session)
    if newest == revision:
        return Changes(newest, frozenset(), complete=True)
    oldest = session.scalar(select(func.min(PreferenceChange.revision)))
    ids = session.scalars(select(PreferenceChange.user_id).where(PreferenceChange.revision > revision))
    changed = frozenset(ids)
    complete = newest > revision and oldest is not None and oldest <= revision + 1
    return Changes(newest, changed, complete and ALL_USERS not in changed)


def _count_up(session: Session) -> int | None:
    return session.scalar(
        update(PreferenceRevision)
        .values(revision=PreferenceRevision.revision + 1)
        .returning(PreferenceRevision.revision))


def _make_revision(session: Session) -> None:
    insert_new(session, PreferenceRevision, [{"id": 1, "revision": 0}])


def delete_old_changes(session: Session, before: datetime, most: int) -> int:
    """Delete up to ``most`` log entries from before ``before``, and what else is of their revisions.

    Returns how many there were. An index that is older than that is loaded anew.
    """
    old = (
        select(PreferenceChange.revision).where(PreferenceChange.changed_at < before)
        .order_by(PreferenceChange.changed_at).limit(most))
    revisions = session.scalars(old).all()
    session.execute(delete(PreferenceChange).where(PreferenceChange.revision.in_(revisions)))
    return len(revisions)


class HasVersion(Protocol):
    """A row that counts its changes."""

    version: int


def check_version(row: HasVersion, seen: int | None) -> None:
    """Count a change of the row, which who changes it saw at version ``seen``; ``None`` is whatever it is.

    Raises :class:`ConflictError` if that isn't its version any more. The row has to be locked.
    """
    if seen is not None and row.version != seen:
        raise ConflictError
    row.version += 1
