"""Change log of preferences, by which matchers learn of saved preferences before the next message.

Every change of a user's preferences or filters is recorded in the transaction that makes it. A matcher
compares the revision with its index's before each batch, and reloads the users who changed. The changed parts
are recorded too, for :mod:`fmn.scheduler.announcer`.
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
from fmn.infra.db import Base, insert_new
from fmn.people.models import PreferenceChange, PreferenceRevision

#: In place of a user, who never has this number.
ALL_USERS: Final = 0


class ChangedObject(StrEnum):
    """Kinds of changed objects, by their names on the bus."""

    PREFERENCE = "preference"
    FILTER = "filter"
    CONFIRMATION = "confirmation"


class PreferenceEdit(NamedTuple):
    """A change in one context. ``part`` names the changed part, as FMN 2 did where it had one."""

    changed_object: ChangedObject
    context: str
    part: str


class FilterAction(StrEnum):
    """What a user did to a filter."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class FilterEdit(NamedTuple):
    """A filter that a user created, changed or deleted."""

    action: FilterAction
    filter_id: int
    name: str


def preference_changed(context: str, part: str) -> PreferenceEdit:
    """A change of a part of a preference.

    Parts: ``enabled``, ``batch_values``, ``details``, ``filters``, ``shown``, ``triggered_by_links``,
    ``shorten_links``, ``markup_messages``, ``mime_digest``.
    """
    return PreferenceEdit(ChangedObject.PREFERENCE, context, part)


def filter_changed(context: str, part: str) -> PreferenceEdit:
    """A change of a part of a filter: ``rules``, ``name``, or ``state``, which is on or off."""
    return PreferenceEdit(ChangedObject.FILTER, context, part)


def confirmation_changed(context: str) -> PreferenceEdit:
    """A change of a confirmation: the address was confirmed, or its owner denied it."""
    return PreferenceEdit(ChangedObject.CONFIRMATION, context, "status")


@dataclass(frozen=True)
class Changes:
    """The users who changed since a revision; ``complete`` is false if the log doesn't reach that far."""

    revision: int
    user_ids: frozenset[int]
    complete: bool


def record_change(
    session: Session, user_ids: Iterable[int], *changed: PreferenceEdit, filters: Iterable[FilterEdit] = (),
) -> int:
    """Record a change of these users in this transaction. Returns the new revision.

    ``changed`` are the changed parts, and ``filters`` the filters, the same for all. Other changes wait until
    the transaction ends, so that revisions are committed in order.
    """
    revision = _count_up(session)
    if revision is None:
        _make_revision(session)
        revision = _count_up(session)
    assert revision is not None
    noted = [list(change) for change in dict.fromkeys(changed)]
    edited = [tuple(edit) for edit in filters]
    session.add_all(
        PreferenceChange(revision=revision, user_id=user_id, changed=noted, filters=edited)
        for user_id in set(user_ids))
    session.flush()
    return revision


def record_change_of_all(session: Session) -> int:
    """Make all matchers reload their whole index. Returns the new revision. Announces nothing."""
    return record_change(session, [ALL_USERS])


def lock_changes(session: Session) -> None:
    """Lock the revision early, so that what this transaction reads stays true until it commits.

    Taken before other locks, it also keeps two who change the same rows from deadlocking.
    """
    lock = select(PreferenceRevision.revision).with_for_update()
    if session.scalar(lock) is None:
        _make_revision(session)
        session.execute(lock)


#: Made once, of the table: matchers read it twice a batch.
_CURRENT_REVISION: Final = select(Base.metadata.tables[PreferenceRevision.__tablename__].c.revision)


def current_revision(session: Session) -> int:
    """The revision of the last committed change; 0 before the first."""
    return session.scalar(_CURRENT_REVISION) or 0


def changes_since(session: Session, revision: int) -> Changes:
    """The users who changed after ``revision``."""
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
    """Delete up to ``most`` log entries from before ``before``, and all others of their revisions.

    Returns how many revisions. An index that is older is loaded anew.
    """
    old = (
        select(PreferenceChange.revision).where(PreferenceChange.changed_at < before)
        .order_by(PreferenceChange.changed_at).limit(most))
    revisions = session.scalars(old).all()
    session.execute(delete(PreferenceChange).where(PreferenceChange.revision.in_(revisions)))
    return len(revisions)


class HasVersion(Protocol):
    """A row with a version that counts its changes."""

    version: int


def check_version(row: HasVersion, seen: int | None) -> None:
    """Count a row's version up, if it is ``seen``; ``None`` stands for any version.

    Raises :class:`~fmn.errors.ConflictError` otherwise. The row has to be locked.
    """
    if seen is not None and row.version != seen:
        raise ConflictError
    row.version += 1
