"""What the bus is still to be told of changes of preferences: the change log from a bookmark on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from fmn.infra.db import insert_new
from fmn.people.change_log import ChangedObject, PreferenceEdit, current_revision
from fmn.people.models import AnnouncedRevision, PreferenceChange, User


@dataclass(frozen=True)
class ChangeAnnouncement:
    """Somebody changed something: what the log knows of one user at one revision."""

    revision: int
    user_id: int
    nick: str
    changed_at: datetime
    changed: Sequence[PreferenceEdit]


def last_announced_revision(session: Session) -> int | None:
    """The revision up to which everything was announced; ``None`` before the first time."""
    return session.scalar(select(AnnouncedRevision.revision))


def start_announcing(session: Session) -> int:
    """Let announcements begin with what changes from now on; returns the revision that is now."""
    revision = current_revision(session)
    insert_new(session, AnnouncedRevision, [{"id": 1, "revision": revision}])
    return revision


def pending_announcements(session: Session, after: int, up_to: int) -> Sequence[ChangeAnnouncement]:
    """Changes between two revisions, the first ones first, but for those of accounts that are gone."""
    rows = session.execute(
        select(PreferenceChange, User.nick).join(User, User.id == PreferenceChange.user_id)
        .where(PreferenceChange.revision > after, PreferenceChange.revision <= up_to)
        .order_by(PreferenceChange.revision, PreferenceChange.user_id))
    return [
        ChangeAnnouncement(
            row.revision, row.user_id, nick, row.changed_at,
            [PreferenceEdit(ChangedObject(name), context, part) for name, context, part in row.changed])
        for row, nick in rows
    ]


def mark_announced(session: Session, revision: int) -> None:
    """Everything up to this revision was announced. Who is further on already stays there."""
    session.execute(
        update(AnnouncedRevision).where(AnnouncedRevision.revision < revision).values(revision=revision))
