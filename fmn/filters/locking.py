"""Locking of a preference's filters, their order and number, and recording of edits.

Lock order: the preference, its filters' rows, the revision of changes, the expressions. A matcher that
records notifications locks in the same order; any other order can deadlock. Locking a filter and deleting it
later can deadlock too, with a matcher that holds it and wants to switch it off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from sqlalchemy import Row, Select, delete, select
from sqlalchemy.orm import Session

from fmn.errors import UserError
from fmn.filters.budget_checks import budget_excess, pattern_pause_reason
from fmn.filters.budgets import FilterCost
from fmn.filters.models import Filter
from fmn.people.change_log import (
    FilterAction,
    FilterEdit,
    filter_changed,
    lock_changes,
    preference_changed,
    record_change,
)
from fmn.people.models import Preference
from fmn.translations import gettext

#: Filters in a preference. Nobody oversees more.
MAX_FILTERS: Final = 200
ARow = TypeVar("ARow", Preference, Filter)
Given = ParamSpec("Given")
Result = TypeVar("Result")

#: Rows as they are now, whatever this session knew of them before it had the lock.
_FRESH: Final = {"populate_existing": True}


def lock_preference(session: Session, preference_id: int) -> Preference:
    """Lock and load a preference. Raises :class:`~sqlalchemy.exc.NoResultFound`."""
    return _locked(session, select(Preference).where(Preference.id == preference_id))


def lock_filter_preference(session: Session, filter_id: int) -> Preference:
    """Lock and load the preference of a filter. Raises :class:`~sqlalchemy.exc.NoResultFound`."""
    return _locked(session, (
        select(Preference).join(Filter, Filter.preference_id == Preference.id).where(Filter.id == filter_id)))


def lock_filter(session: Session, filter_id: int) -> tuple[Preference, Filter]:
    """Lock and load a filter and its preference. Raises :class:`~sqlalchemy.exc.NoResultFound`."""
    preference = lock_filter_preference(session, filter_id)
    # Somebody may have deleted it before the preference was ours.
    return preference, _locked(session, select(Filter).where(Filter.id == filter_id))


def _locked(session: Session, statement: Select[ARow]) -> ARow:
    (column,) = statement.column_descriptions
    return session.scalars(
        statement.with_for_update(of=column["entity"], key_share=True), execution_options=_FRESH).one()


def ordered_filters(session: Session, preference_id: int) -> list[Filter]:
    """The filters of a preference, in order of position."""
    return list(session.scalars(
        select(Filter).where(Filter.preference_id == preference_id).order_by(Filter.position, Filter.id),
        execution_options=_FRESH))


def renumber(filters: Sequence[Filter]) -> None:
    """Set the filters' positions to this order, from 0 without gaps."""
    for position, each in enumerate(filters):
        each.position = position


def check_filter_count(wanted: int) -> None:
    """Raise :class:`~fmn.errors.UserError` if there would be too many filters."""
    if wanted > MAX_FILTERS:
        refusal = gettext("There can be {most} filters at most: delete some that you don’t need.")
        raise UserError(refusal.format(most=MAX_FILTERS))


def atomic(change: Callable[Concatenate[Session, Given], Result]) -> (
        Callable[Concatenate[Session, Given], Result]):
    """Decorator: run a change in a savepoint, so that an error rolls it back and the session can go on."""
    @wraps(change)
    def within(session: Session, /, *args: Given.args, **kwargs: Given.kwargs) -> Result:
        with session.begin_nested():
            return change(session, *args, **kwargs)

    return within


def delete_filters(session: Session, *which: Any) -> Sequence[Row[Any]]:
    """Delete the filters that satisfy all of ``which``. Returns their rows, in order of position.

    Waits for a matcher that records because of one of them, so call it before other locks are taken.
    """
    removed = session.execute(delete(Filter).where(*which).returning(*Filter.__table__.columns))
    return sorted(removed, key=lambda row: row.position)


def created(filters: Iterable[Filter]) -> list[FilterEdit]:
    """That these filters were created; they have their ids."""
    return [FilterEdit(FilterAction.CREATE, each.id, each.name) for each in filters]


def deleted(rows: Iterable[Row[Any]]) -> list[FilterEdit]:
    """That the filters of these rows were deleted."""
    return [FilterEdit(FilterAction.DELETE, each.id, each.name) for each in rows]


def updated(filters: Iterable[Filter]) -> list[FilterEdit]:
    """That these filters were changed."""
    return [FilterEdit(FilterAction.UPDATE, each.id, each.name) for each in filters]


def record_edit(
    session: Session, preference: Preference, parts: Sequence[str] | None = None, *,
    added: FilterCost | None = None, filters: Iterable[FilterEdit] = (),
) -> None:
    """Count a preference's version up and record the change, so that it applies to the next message.

    ``parts`` are announced as changes of one filter; ``None`` means that filters came, went or moved.
    ``filters`` are those that came, went or changed. ``added`` is the cost that the edit adds. If their owner
    is over budget with it, :class:`~fmn.errors.UserError` is raised, and :func:`atomic` rolls the edit back.
    """
    preference.version += 1
    session.flush()  # the rows before the revision
    if added is not None:
        lock_changes(session)
        if over := pattern_pause_reason(preference.user, added) or budget_excess(session, preference.user_id):
            raise UserError(over)
    context = preference.context
    changed = [preference_changed(context, "filters")] if parts is None else [
        filter_changed(context, part) for part in parts]
    record_change(session, [preference.user_id], *changed, filters=filters)
