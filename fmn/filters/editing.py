"""Edits of one filter: add, copy, change, switch, snooze, move and delete. They apply to the next message.

The caller has checked whose filter it is. A missing row raises :class:`sqlalchemy.exc.NoResultFound`; a bad
value and an exceeded budget raise :class:`~fmn.errors.UserError`; neither changes anything. All edits are
idempotent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from fmn.errors import ConflictError, UserError
from fmn.filters.budget_checks import cost_of_stored
from fmn.filters.budgets import COST_CACHE, FilterCost
from fmn.filters.expressions import Expression, expression_digest, with_me
from fmn.filters.interning import intern_expression
from fmn.filters.locking import (
    atomic,
    check_filter_count,
    created,
    delete_filters,
    deleted,
    lock_filter,
    lock_filter_preference,
    lock_preference,
    ordered_filters,
    record_edit,
    renumber,
    updated,
)
from fmn.filters.models import Filter, StoredExpression
from fmn.filters.spec import FilterSpec
from fmn.filters.undo import save_undo
from fmn.people.change_log import check_version, lock_changes
from fmn.people.models import Preference
from fmn.people.usernames import group_of
from fmn.translations import gettext

#: How long a filter may sleep. Whoever wants longer switches it off, and doesn't wonder in two years.
MAX_SNOOZE: Final = timedelta(days=366)
#: What the bus calls a change of a field. Changes of other fields aren't announced.
_PARTS: Final[Mapping[str, str]] = {
    "expression": "rules", "name": "name", "enabled": "state", "oneshot": "state", "hold_minutes": "state",
    "snoozed_until": "state"}
#: Fields that buttons switch. Changing them needs no version and counts none up.
_STATE: Final = frozenset(name for name, part in _PARTS.items() if part == "state")


class AddedFilter(NamedTuple):
    """Result of an addition; ``new`` is false if there was such a filter already."""

    filter: Filter
    new: bool


class EditedFilter(NamedTuple):
    """Result of an edit; ``changed`` is false if the filter was like this already."""

    filter: Filter
    changed: bool


@atomic
def add_filter(session: Session, preference: Preference, wanted: FilterSpec) -> Filter:
    """Append a filter to a preference. The owner's username in its expression becomes "me"."""
    spec = wanted.normalized()
    owned = lock_preference(session, preference.id)
    return _added(session, owned, _with_me(spec, owned))


@atomic
def add_filter_once(session: Session, preference: Preference, wanted: FilterSpec) -> AddedFilter:
    """Append a filter unless there is one with the same name and expression."""
    spec = wanted.normalized()
    owned = lock_preference(session, preference.id)
    spec = _with_me(spec, owned)
    if twin := _twin(session, owned, spec.name, expression_digest(_expression(spec))):
        return AddedFilter(twin, new=False)
    return AddedFilter(_added(session, owned, spec), new=True)


@atomic
def copy_filter(session: Session, filter_id: int, context: str) -> AddedFilter:
    """Append a copy to the same user's preference for ``context``, unless its like is there already.

    The copy has all fields of its original, a snooze included.
    """
    original, user_id = session.execute(
        select(Filter, Preference.user_id).join(Preference, Preference.id == Filter.preference_id)
        .where(Filter.id == filter_id)).one()
    other_id = session.scalars(
        select(Preference.id).where(Preference.user_id == user_id, Preference.context == context)).one()
    other = lock_preference(session, other_id)
    if twin := _twin(session, other, original.name, original.stored.digest):
        return AddedFilter(twin, new=False)
    copied = Filter(expression_id=original.expression_id, **FilterSpec.of_columns(original).columns())
    return AddedFilter(_append(session, other, _with_room(session, other), copied), new=True)


@atomic
def edit_filter(
    session: Session, filter_id: int, edit: Callable[[FilterSpec], FilterSpec], *, seen: int | None = None,
    exact: bool = False,
) -> EditedFilter:
    """Change any fields of a filter in one locked call.

    ``edit`` gets the locked filter and returns the wanted one. ``seen`` is the version that the caller saw.
    If the filter has another version by now, :class:`~fmn.errors.ConflictError` is raised: with ``exact`` in
    any case, else only for a change of the fields that are versioned (name, expression, note). Raises
    :class:`~fmn.errors.UserError` for a bad field and for an exceeded budget.
    """
    preference, row = lock_filter(session, filter_id)
    if exact and seen is not None and row.version != seen:
        raise ConflictError
    before = FilterSpec.of(row)
    wanted = _with_me(edit(before), preference, before).normalized(before)
    changed = wanted.changed_fields(before)
    if not changed:
        return EditedFilter(row, changed=False)
    if not changed <= _STATE:
        check_version(row, seen)
    added = _added_cost(row, before, wanted)
    if "expression" in changed:
        lock_changes(session)
        row.expression_id = intern_expression(session, _expression(wanted))
        session.flush()
        session.expire(row, ["stored"])
    wanted.write_to(row)
    record_edit(session, preference, _announced(changed), added=added, filters=updated([row]))
    return EditedFilter(row, changed=True)


def set_filter_enabled(session: Session, filter_id: int, *, enabled: bool) -> bool:
    """Switch a filter on or off. Returns whether that changed anything.

    Either way a snooze ends. Switching it on deletes the reason for which it was stopped.
    """
    return edit_filter(
        session, filter_id, lambda spec: spec.replaced(enabled=enabled, snoozed_until=None)).changed


def snooze_filter(session: Session, filter_id: int, until: datetime, now: datetime) -> bool:
    """Switch a filter off until a moment. Returns whether that changed anything."""
    return edit_filter(session, filter_id, lambda spec: snoozed(spec, until, now)).changed


def snoozed(spec: FilterSpec, until: datetime, now: datetime) -> FilterSpec:
    """The filter, switched off until a moment. Raises :class:`~fmn.errors.UserError`."""
    if until <= now:
        raise UserError(gettext("That moment is past: choose a later one."), "until")
    if until > now + MAX_SNOOZE:
        raise UserError(gettext("That is more than a year away: switch the filter off instead."), "until")
    if not spec.enabled and spec.snoozed_until is None:
        raise UserError(gettext("The filter is off. Only one that is on can be snoozed."), "until")
    return spec.replaced(enabled=False, snoozed_until=until)


def set_oneshot(session: Session, filter_id: int, *, oneshot: bool) -> bool:
    """Set whether a filter switches itself off after the next message. Returns whether it changed."""
    return edit_filter(session, filter_id, lambda spec: spec.replaced(oneshot=oneshot)).changed


def move_filter(session: Session, filter_id: int, position: int) -> int:
    """Move a filter to a position among its preference's, counted from 0. Returns its new position."""
    preference, chosen = lock_filter(session, filter_id)
    filters = ordered_filters(session, preference.id)
    before = filters.index(chosen)
    filters.insert(max(position, 0), filters.pop(before))
    renumber(filters)
    if chosen.position != before:
        record_edit(session, preference)
    return chosen.position


def remove_filter(session: Session, filter_id: int) -> int:
    """Delete a filter. Returns the undo's id."""
    preference = lock_filter_preference(session, filter_id)
    removed = delete_filters(session, Filter.id == filter_id)
    if not removed:
        raise NoResultFound
    renumber(ordered_filters(session, preference.id))
    kept = save_undo(session, preference, removed)
    record_edit(session, preference, filters=deleted(removed))
    return kept


def _with_room(session: Session, preference: Preference) -> list[Filter]:
    """The preference's filters. Raises :class:`~fmn.errors.UserError` without room for one more."""
    filters = ordered_filters(session, preference.id)
    check_filter_count(len(filters) + 1)
    return filters


def _added(session: Session, preference: Preference, spec: FilterSpec) -> Filter:
    others = _with_room(session, preference)
    lock_changes(session)
    expression_id = intern_expression(session, _expression(spec))
    return _append(session, preference, others, Filter(expression_id=expression_id, **spec.columns()))


def _append(session: Session, preference: Preference, others: list[Filter], added: Filter) -> Filter:
    added.preference_id, added.group_name = preference.id, group_of(preference.user.nick)
    session.add(added)
    renumber([*others, added])
    session.flush()
    record_edit(session, preference, added=cost_of_stored(added.stored), filters=created([added]))
    return added


def _twin(session: Session, preference: Preference, name: str, wanted: str) -> Filter | None:
    return session.scalars(
        select(Filter).join(Filter.stored)
        .where(Filter.preference_id == preference.id, Filter.name == name, StoredExpression.digest == wanted)
        .order_by(Filter.position).limit(1)).one_or_none()


def _expression(spec: FilterSpec) -> Expression:
    assert spec.expression is not None, "only a saved filter may have an expression that can't be read"
    return spec.expression


def _with_me(spec: FilterSpec, preference: Preference, before: FilterSpec | None = None) -> FilterSpec:
    """The filter with "me" in place of its owner's username, unless its expression is as ``before``."""
    if spec.expression is None or (before is not None and spec.expression == before.expression):
        return spec
    wanted = with_me(spec.expression, preference.user.nick)
    if before is not None and before.expression is not None and (
            expression_digest(wanted) == expression_digest(before.expression)):
        wanted = before.expression
    return spec.replaced(expression=wanted)


def _added_cost(row: Filter, before: FilterSpec, wanted: FilterSpec) -> FilterCost | None:
    """The cost to check against the budget, ``None`` if the edit adds none.

    A person who is over budget can still narrow a filter down, step by step.
    """
    old = cost_of_stored(row.stored)
    new = old if wanted.expression is None else COST_CACHE.of(wanted.expression)
    switched_on = wanted.enabled and not before.enabled
    return new if switched_on or not new.within(old) else None


def _announced(changed: frozenset[str]) -> Sequence[str]:
    """The parts of a filter that the bus is told of. New rules are announced without their name."""
    parts = {_PARTS[name] for name in changed if name in _PARTS}
    return sorted(parts - {"name"} if "rules" in parts else parts)
