"""Pending announcements of changed preferences: the change log after the last announced revision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from fmn.directory.snapshot import GROUP_MARK
from fmn.infra.db import insert_new
from fmn.people.change_log import (
    ChangedObject,
    FilterAction,
    FilterEdit,
    PreferenceEdit,
    current_revision,
)
from fmn.people.models import AnnouncedRevision, PreferenceChange, User


@dataclass(frozen=True)
class ChangeAnnouncement:
    """The changes of one user at one revision."""

    revision: int
    user_id: int
    nick: str
    changed_at: datetime
    changed: Sequence[PreferenceEdit]
    filters: Sequence[FilterEdit] = ()


def last_announced_revision(session: Session) -> int | None:
    """The last announced revision; ``None`` before the first announcement."""
    return session.scalar(select(AnnouncedRevision.revision))


def start_announcing(session: Session) -> int:
    """Start announcements with the next change. Returns the current revision."""
    revision = current_revision(session)
    insert_new(session, AnnouncedRevision, [{"id": 1, "revision": revision}])
    return revision


def pending_announcements(session: Session, after: int, up_to: int) -> Sequence[ChangeAnnouncement]:
    """Changes between two revisions, in order, without those of deleted accounts and of groups."""
    rows = session.execute(
        select(PreferenceChange, User.nick).join(User, User.id == PreferenceChange.user_id)
        .where(PreferenceChange.revision > after, PreferenceChange.revision <= up_to,
               User.nick.not_like(f"{GROUP_MARK}%"))
        .order_by(PreferenceChange.revision, PreferenceChange.user_id))
    return [
        ChangeAnnouncement(
            row.revision, row.user_id, nick, row.changed_at,
            [PreferenceEdit(ChangedObject(name), context, part) for name, context, part in row.changed],
            [FilterEdit(FilterAction(action), number, name) for action, number, name in row.filters])
        for row, nick in rows
    ]


def mark_announced(session: Session, revision: int) -> None:
    """Mark everything up to this revision as announced. A later mark stays."""
    session.execute(
        update(AnnouncedRevision).where(AnnouncedRevision.revision < revision).values(revision=revision))
