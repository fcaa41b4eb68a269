"""Undo of edits to filters: the filters as they were, kept for a day.

The latest undos of each preference are kept, up to a number and a size. The caller of :func:`save_undo` has
locked the preference, so that the bound holds under concurrency.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, func, null, select
from sqlalchemy.orm import Session

from fmn.filters.budget_checks import cost_of_stored
from fmn.filters.budgets import FilterCost
from fmn.filters.locking import (
    atomic,
    check_filter_count,
    created,
    delete_filters,
    deleted,
    lock_preference,
    ordered_filters,
    record_edit,
    renumber,
    updated,
)
from fmn.filters.models import Filter, Undo
from fmn.filters.spec import COLUMNS, FilterSpec
from fmn.people.models import Preference
from fmn.people.usernames import group_of

#: Undos among which a filter is looked for that isn't there any more.
RECENT_UNDOS: Final = 20
#: Undos of a preference, and characters of JSON in them, unless the latest alone has more. That of two
#: hundred filters has 50,000 to 500,000, as long as their names are.
MAX_UNDOS: Final = 50
MAX_UNDO_CHARACTERS: Final = 500_000


@dataclass(frozen=True)
class UndoResult:
    """Result of an undo: the names of the restored filters, and of those that were added and are gone again.

    Without any it was undone already.
    """

    context: str
    names: Sequence[str]
    withdrawn: Sequence[str] = ()


@dataclass(frozen=True)
class RemovedFilter:
    """A deleted filter, and the id of the undo that restores it."""

    undo_id: int
    context: str
    name: str


def save_undo(
    session: Session, preference: Preference, removed: Iterable[Row[Any]], added: Iterable[Filter] = (),
    edited: Iterable[tuple[Mapping[str, Any], Filter]] = (),
) -> int:
    """Keep the rows of removed filters, and the ids of those added in their place. Returns the undo's id.

    ``edited`` are filters as they are now, each with what :func:`before_edit` returned of it. The preference
    is locked. The oldest undos beyond the bound are deleted.
    """
    kept = Undo(preference_id=preference.id, filters={
        "removed": [_kept(each) for each in removed],
        "added": [each.id for each in added],
        "edited": [{**before, "edited_version": row.version} for before, row in edited],
    })
    session.add(kept)
    session.flush()
    if beyond := list(_beyond_room(session, preference.id)):
        session.execute(
            delete(Undo).where(Undo.id.in_(beyond)).execution_options(synchronize_session=False))
    return kept.id


def before_edit(one: Filter) -> Mapping[str, Any]:
    """What :func:`save_undo` keeps of a filter that is about to be edited."""
    return {"id": one.id, "expression": one.expression_id, "version": one.version, **_fields(one)}


def _beyond_room(session: Session, preference_id: int) -> Iterator[int]:
    """The ids of a preference's undos beyond the bound. The latest one is always kept."""
    sizes = session.execute(
        select(Undo.id, func.length(Undo.filters)).where(Undo.preference_id == preference_id)
        .order_by(Undo.id.desc()))
    characters = 0
    for number, (undo_id, size) in enumerate(sizes):
        characters += size
        if number and (number >= MAX_UNDOS or characters > MAX_UNDO_CHARACTERS):
            yield undo_id


@atomic
def undo(session: Session, user_id: int, undo_id: int) -> UndoResult:
    """Restore filters as they were, at their positions. Calling it again changes nothing.

    Raises :class:`~sqlalchemy.exc.NoResultFound` if the user has no such undo, or not any more, and
    :class:`~fmn.errors.UserError` if there's no room or budget.
    """
    preference_id = session.scalars(
        select(Undo.preference_id).join(Preference, Preference.id == Undo.preference_id)
        .where(Undo.id == undo_id, Preference.user_id == user_id)).one()
    preference = lock_preference(session, preference_id)
    kept = session.get_one(Undo, undo_id, populate_existing=True)
    if kept.filters is None:
        return UndoResult(preference.context, [])
    filters = ordered_filters(session, preference_id)
    there = [each for each in filters if not _came_instead(each, kept)]
    restored = [_restored(preference, each) for each in kept.filters["removed"]]
    check_filter_count(len(there) + len(restored))
    removed = delete_filters(
        session, Filter.id.in_([each.id for each in filters if _came_instead(each, kept)]))
    reverted = list(_revert(there, kept))
    for each in restored:  # in their order, so each comes to its old place
        there.insert(each.position, each)
    renumber(there)
    session.add_all(restored)
    kept.filters = None
    session.flush()
    for each in reverted:
        session.expire(each, ["stored"])
    again = [*restored, *reverted]
    record_edit(
        session, preference, added=sum((cost_of_stored(each.stored) for each in again), FilterCost()),
        filters=[*deleted(removed), *created(restored), *updated(reverted)])
    return UndoResult(
        preference.context, [each.name for each in again],
        () if again else tuple(each.name for each in removed))


def find_removed_filter(session: Session, user_id: int, filter_id: int) -> RemovedFilter | None:
    """The recently deleted filter of a user with this id, ``None`` if there's no such."""
    rows = session.execute(
        select(Undo, Preference.context).join(Preference, Preference.id == Undo.preference_id)
        .where(Preference.user_id == user_id).order_by(Undo.id.desc()).limit(RECENT_UNDOS))
    for kept, context in rows:
        for each in (kept.filters or {}).get("removed", ()):
            if each["id"] == filter_id:
                return RemovedFilter(kept.id, context, each["name"])
    return None


def delete_old_undos(session: Session, before: datetime, most: int) -> int:
    """Delete up to ``most`` undos from before ``before``. Returns how many."""
    old = select(Undo.id).where(Undo.created_at < before).order_by(Undo.created_at).limit(most)
    return len(session.scalars(delete(Undo).where(Undo.id.in_(old)).returning(Undo.id)).all())


def _came_instead(one: Filter, kept: Undo) -> bool:
    """Whether the edit added this filter and nobody changed it since."""
    return one.id in kept.filters["added"] and not one.version


def _revert(filters: Iterable[Filter], kept: Undo) -> Iterator[Filter]:
    """Give filters that were edited their values from before, unless they were edited again."""
    # An undo by the previous version has no such list.
    before = {each["id"]: each for each in kept.filters.get("edited", ())}
    for one in filters:
        values = before.get(one.id)
        if values is not None and one.version == values["edited_version"]:
            one.expression_id = values["expression"]
            _spec(values).write_to(one)
            one.version += 1
            yield one


def _kept(one: Row[Any]) -> Mapping[str, Any]:
    return {
        "id": one.id, "expression": one.expression_id, "position": one.position, "note": one.note,
        "version": one.version, "nonce": one.nonce, **_fields(one),
    }


def _fields(one: Row[Any] | Filter) -> Mapping[str, Any]:
    return FilterSpec.of_columns(one).model_dump(mode="json", include=set(COLUMNS))


def _restored(preference: Preference, kept: Mapping[str, Any]) -> Filter:
    """The filter under its old id, so that the links in mails about it keep working."""
    nonce = kept.get("nonce")
    return Filter(
        # Without a nonce it has none again: links that were made before there were any mean it.
        id=kept["id"], nonce=null() if nonce is None else nonce, preference_id=preference.id,
        group_name=group_of(preference.user.nick), expression_id=kept["expression"],
        position=kept["position"], stop_reason=kept["note"],
        version=kept["version"], **_spec(kept).columns())


def _spec(kept: Mapping[str, Any]) -> FilterSpec:
    # An undo from before a field was there doesn't have it: it's as a new filter's is.
    return FilterSpec.model_validate({name: kept[name] for name in COLUMNS if name in kept})
