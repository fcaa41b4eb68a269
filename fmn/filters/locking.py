"""Taking turns at somebody's filters, and what can't be done to them.

Whoever changes filters locks the preference first, so that what they see of its filters holds until they're
done. Then come the filters' rows and only then the revision, which is the order of a matcher that records
because of a filter, and last the expressions. Any other order would let two wait for each other, and so would
locking a filter first and deleting it then: a matcher may hold it meanwhile, and want to switch it off.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from sqlalchemy import Row, Select, delete, select
from sqlalchemy.orm import Session

from fmn.errors import UserError
from fmn.filters.budget_checks import budget_excess, pattern_pause_reason
from fmn.filters.budgets import FilterCost
from fmn.filters.models import Filter
from fmn.people.change_log import filter_changed, lock_changes, preference_changed, record_change
from fmn.people.models import Preference

#: Filters in a preference. Nobody oversees more.
MAX_FILTERS: Final = 200
ARow = TypeVar("ARow", Preference, Filter)
Given = ParamSpec("Given")
Result = TypeVar("Result")

#: Rows as they are now, whatever this session knew of them before it had the lock.
_FRESH: Final = {"populate_existing": True}


def lock_preference(session: Session, preference_id: int) -> Preference:
    """The preference, for us alone. Raises :class:`~sqlalchemy.exc.NoResultFound`."""
    return _locked(session, select(Preference).where(Preference.id == preference_id))


def lock_filter_preference(session: Session, filter_id: int) -> Preference:
    """The preference of a filter, for us alone. Raises :class:`~sqlalchemy.exc.NoResultFound`."""
    return _locked(session, (
        select(Preference).join(Filter, Filter.preference_id == Preference.id).where(Filter.id == filter_id)))


def lock_filter(session: Session, filter_id: int) -> tuple[Preference, Filter]:
    """The filter and its preference, for us alone. Raises :class:`~sqlalchemy.exc.NoResultFound`."""
    preference = lock_filter_preference(session, filter_id)
    # Somebody may have deleted it before the preference was ours.
    return preference, _locked(session, select(Filter).where(Filter.id == filter_id))


def _locked(session: Session, statement: Select[ARow]) -> ARow:
    (column,) = statement.column_descriptions
    return session.scalars(
        statement.with_for_update(of=column["entity"], key_share=True), execution_options=_FRESH).one()


def ordered_filters(session: Session, preference_id: int) -> list[Filter]:
    """The preference's filters in their order."""
    return list(session.scalars(
        select(Filter).where(Filter.preference_id == preference_id).order_by(Filter.position, Filter.id),
        execution_options=_FRESH))


def renumber(filters: Sequence[Filter]) -> None:
    """Let the filters have this order, counted from 0 without gaps."""
    for position, each in enumerate(filters):
        each.position = position


def check_filter_count(wanted: int) -> None:
    """Raise :class:`UserError` if that's more filters than there can be."""
    if wanted > MAX_FILTERS:
        raise UserError(f"There can be {MAX_FILTERS} filters at most: delete some that you don’t need.")


def atomic(change: Callable[Concatenate[Session, Given], Result]) -> (
        Callable[Concatenate[Session, Given], Result]):
    """Let a change that raises :class:`UserError` change nothing, also if its session goes on."""
    @wraps(change)
    def within(session: Session, /, *args: Given.args, **kwargs: Given.kwargs) -> Result:
        with session.begin_nested():
            return change(session, *args, **kwargs)

    return within


def delete_filters(session: Session, *which: Any) -> Sequence[Row[Any]]:
    """Delete the filters that fit all of ``which``; returns their rows as they were, in order.

    Whoever records because of one of them holds it: wait for them before anything else is locked.
    """
    removed = session.execute(delete(Filter).where(*which).returning(*Filter.__table__.columns))
    return sorted(removed, key=lambda row: row.position)


def record_edit(
    session: Session, preference: Preference, parts: Sequence[str] | None = None, *,
    added: FilterCost | None = None,
) -> None:
    """Count the change and note it, so that it counts for the next message.

    ``parts`` are what the bus is told of one filter; without them, filters came, went or moved. If what they
    cost was ``added`` and that is over their owner's budget, it raises :class:`UserError`: what was done is
    to be rolled back then, see :func:`atomic`.
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
    record_change(session, [preference.user_id], *changed)
