"""Taking back what was done to filters: they're kept as they were, for a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, select
from sqlalchemy.orm import Session

from fmn.filters.models import Filter, Undo
from fmn.filters.turns import arrange, check_room, done, in_order, lock_preference
from fmn.people.models import Preference

#: Undos among which that of a filter is looked for that somebody wants to delete a second time.
RECENT: Final = 20


@dataclass(frozen=True)
class Undone:
    """What was taken back: the names of the filters that are there again, none if it was already."""

    context: str
    names: Sequence[str]


def remember(
    session: Session, preference: Preference, removed: Iterable[Row[Any]], added: Iterable[Filter] = (),
) -> int:
    """Keep the rows of filters that were removed, for others in their place maybe; returns the undo's id."""
    kept = Undo(preference_id=preference.id, filters={
        "removed": [_kept(each) for each in removed],
        "added": [each.id for each in added],
    })
    session.add(kept)
    session.flush()
    return kept.id


def undo(session: Session, user_id: int, undo_id: int) -> Undone:
    """Have the filters back as they were, where they were. A second time changes nothing.

    Raises :class:`~sqlalchemy.exc.NoResultFound` if the user has no such undo, or not any more, and
    :class:`~fmn.filters.turns.EditError` if there's no room.
    """
    preference_id = session.scalars(
        select(Undo.preference_id).join(Preference, Preference.id == Undo.preference_id)
        .where(Undo.id == undo_id, Preference.user_id == user_id)).one()
    preference = lock_preference(session, preference_id)
    kept = session.get_one(Undo, undo_id, populate_existing=True)
    if kept.filters is None:
        return Undone(preference.context, [])
    there = _without(session, in_order(session, preference_id), kept.filters["added"])
    restored = [_restored(preference_id, each) for each in kept.filters["removed"]]
    check_room(len(there) + len(restored))
    for each in restored:  # in their order, so each comes to its old place
        there.insert(each.position, each)
    arrange(there)
    session.add_all(restored)
    kept.filters = None
    done(session, preference)
    return Undone(preference.context, [each.name for each in restored])


def undo_of_removal(session: Session, user_id: int, filter_id: int) -> int | None:
    """The id of what brings a deleted filter of this user back, if there's such."""
    kept = session.scalars(
        select(Undo).join(Preference, Preference.id == Undo.preference_id)
        .where(Preference.user_id == user_id).order_by(Undo.id.desc()).limit(RECENT))
    return next((each.id for each in kept if filter_id in _removed_ids(each)), None)


def forget_undos(session: Session, before: datetime) -> None:
    """Delete what takes back what was done before ``before``."""
    session.execute(delete(Undo).where(Undo.created_at < before))


def _removed_ids(kept: Undo) -> set[int]:
    return {each["id"] for each in (kept.filters or {}).get("removed", ())}


def _without(session: Session, filters: Sequence[Filter], added: Sequence[int]) -> list[Filter]:
    """The filters without those that were added in the others' place, and which nobody edited since."""
    superfluous = [each for each in filters if each.id in added and not each.version]
    for each in superfluous:
        session.delete(each)
    session.flush()
    return [each for each in filters if each not in superfluous]


def _kept(one: Row[Any]) -> Mapping[str, Any]:
    return {
        "id": one.id, "name": one.name, "expression": one.expression_id, "position": one.position,
        "enabled": one.enabled, "oneshot": one.oneshot, "note": one.note, "version": one.version,
        "snoozed_until": one.snoozed_until.isoformat() if one.snoozed_until else None,
    }


def _restored(preference_id: int, kept: Mapping[str, Any]) -> Filter:
    """The filter under its old id: links in mails that it sent stop it, as they did."""
    snoozed_until = kept["snoozed_until"]
    return Filter(
        id=kept["id"], preference_id=preference_id, name=kept["name"], expression_id=kept["expression"],
        position=kept["position"], enabled=kept["enabled"], oneshot=kept["oneshot"], note=kept["note"],
        version=kept["version"],
        snoozed_until=datetime.fromisoformat(snoozed_until) if snoozed_until else None)
