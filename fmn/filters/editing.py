"""What people do to one of their filters. All of it counts for the next message.

Whose a filter is has been asked before. What isn't there any more raises
:class:`sqlalchemy.exc.NoResultFound`, what can't be done or is over budget
:class:`~fmn.errors.UserError`, and neither changes anything. Doing something twice is as good as doing
it once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from fmn.errors import UserError
from fmn.filters.budget_checks import cost_of_stored
from fmn.filters.budgets import COST_CACHE
from fmn.filters.expressions import Expression, expression_digest, with_me
from fmn.filters.interning import intern_expression
from fmn.filters.locking import (
    atomic,
    check_filter_count,
    delete_filters,
    lock_filter,
    lock_filter_preference,
    lock_preference,
    ordered_filters,
    record_edit,
    renumber,
)
from fmn.filters.models import Filter, StoredExpression
from fmn.filters.undo import save_undo
from fmn.people.change_log import check_version, lock_changes
from fmn.people.models import Preference

#: Characters of a filter's name.
MAX_NAME_LENGTH: Final = 200
#: How long a filter may sleep. Whoever wants longer switches it off, and doesn't wonder in two years.
MAX_SNOOZE: Final = timedelta(days=366)
#: Minutes that failures may be held. What didn't recover within a day is no news when it's told.
DELAY_MINUTES: Final = range(1, 24 * 60 + 1)


class AddedFilter(NamedTuple):
    """A filter that somebody wanted to have; ``new`` is false if it was there already."""

    filter: Filter
    new: bool


def normalize_name(name: str) -> str:
    """A filter's name as it's kept. Raises :class:`UserError`."""
    cleaned = " ".join(name.split())
    if not cleaned:
        raise UserError("Give the filter a name.", "name")
    if len(cleaned) > MAX_NAME_LENGTH:
        raise UserError(
            f"A name can have {MAX_NAME_LENGTH} characters at most, and this one has {len(cleaned)}.", "name")
    for character in cleaned:
        if not character.isprintable():
            raise UserError(
                f"There is a character in the name that can’t be shown (U+{ord(character):04X}).", "name")
    return cleaned


def check_failure_delay(minutes: int | None) -> None:
    """Raise :class:`UserError` if failures can't be held for so many minutes."""
    if minutes is not None and minutes not in DELAY_MINUTES:
        raise UserError(
            f"Failures can be held for {DELAY_MINUTES[0]} to {DELAY_MINUTES[-1]:,} minutes.", "hold_minutes")


@atomic
def add_filter(
    session: Session, preference: Preference, name: str, expression: Expression, *,
    enabled: bool = True, oneshot: bool = False, hold_minutes: int | None = None,
) -> Filter:
    """Append a filter to a preference. The owner's account name in it becomes "me"."""
    cleaned = normalize_name(name)
    check_failure_delay(hold_minutes)
    owned = lock_preference(session, preference.id)
    return _added(session, owned, with_me(expression, owned.user.nick), Filter(
        name=cleaned, enabled=enabled, oneshot=oneshot, hold_minutes=hold_minutes))


@atomic
def add_filter_once(
    session: Session, preference: Preference, name: str, expression: Expression,
) -> AddedFilter:
    """Append a filter unless there's one with the same name that asks the same."""
    cleaned = normalize_name(name)
    owned = lock_preference(session, preference.id)
    wanted = with_me(expression, owned.user.nick)
    if twin := _twin(session, owned, cleaned, expression_digest(wanted)):
        return AddedFilter(twin, new=False)
    return AddedFilter(_added(session, owned, wanted, Filter(name=cleaned)), new=True)


@atomic
def copy_filter(session: Session, filter_id: int, context: str) -> AddedFilter:
    """Append a copy to the same user's preference for ``context``, unless there's its like already.

    The copy is as its original, asleep until the same moment if that sleeps.
    """
    original, user_id = session.execute(
        select(Filter, Preference.user_id).join(Preference, Preference.id == Filter.preference_id)
        .where(Filter.id == filter_id)).one()
    other_id = session.scalars(
        select(Preference.id).where(Preference.user_id == user_id, Preference.context == context)).one()
    other = lock_preference(session, other_id)
    if twin := _twin(session, other, original.name, original.stored.digest):
        return AddedFilter(twin, new=False)
    return AddedFilter(_append(session, other, _with_room(session, other), Filter(
        name=original.name, expression_id=original.expression_id, enabled=original.enabled,
        oneshot=original.oneshot, hold_minutes=original.hold_minutes,
        snoozed_until=original.snoozed_until)), new=True)


@atomic
def change_filter(
    session: Session, filter_id: int, *, name: str | None = None, expression: Expression | None = None,
    seen: int | None = None,
) -> Filter:
    """Give a filter another name or let it ask something else; whoever does saw it at version ``seen``.

    Raises :class:`~fmn.errors.ConflictError` if it was changed since, unless it is already
    what it's to become.
    """
    preference, chosen = lock_filter(session, filter_id)
    new_name = chosen.name if name is None else normalize_name(name)
    wanted = None if expression is None else with_me(expression, preference.user.nick)
    same = wanted is None or expression_digest(wanted) == chosen.stored.digest
    if same and new_name == chosen.name:
        return chosen
    check_version(chosen, seen)
    chosen.name = new_name
    costs_more = None
    if wanted is not None and not same:
        # Whoever has more than they may can still narrow it down, step by step.
        cost = COST_CACHE.of(wanted)
        costs_more = None if cost.within(cost_of_stored(chosen.stored)) else cost
        lock_changes(session)
        chosen.expression_id = intern_expression(session, wanted)
        session.flush()
        session.expire(chosen, ["stored"])
    record_edit(session, preference, "name" if same else "rules", added=costs_more)
    return chosen


@atomic
def set_filter_enabled(session: Session, filter_id: int, *, enabled: bool) -> bool:
    """Switch a filter on or off for its user; returns whether it wasn't so already.

    Either way it no longer sleeps. What an administrator noted when they stopped it is done with as soon
    as it's on again.
    """
    preference, chosen = lock_filter(session, filter_id)
    if chosen.enabled is enabled and chosen.snoozed_until is None:
        return False
    chosen.enabled, chosen.snoozed_until = enabled, None
    if enabled:
        chosen.stop_reason = None
    record_edit(session, preference, "state", added=cost_of_stored(chosen.stored) if enabled else None)
    return True


def snooze_filter(session: Session, filter_id: int, until: datetime, now: datetime) -> bool:
    """Switch a filter off until a moment; returns whether it didn't sleep until then already."""
    preference, chosen = lock_filter(session, filter_id)
    if until <= now:
        raise UserError("That moment is past: choose a later one.", "until")
    if until > now + MAX_SNOOZE:
        raise UserError("That is more than a year away: switch the filter off instead.", "until")
    if not chosen.enabled and chosen.snoozed_until is None:
        raise UserError("The filter is off. Only one that is on can be snoozed.", "until")
    if chosen.snoozed_until == until:
        return False
    chosen.enabled, chosen.snoozed_until = False, until
    record_edit(session, preference, "state")
    return True


def set_oneshot(session: Session, filter_id: int, *, oneshot: bool) -> bool:
    """Let a filter switch itself off after the next message, or not; returns whether that's new."""
    preference, chosen = lock_filter(session, filter_id)
    if chosen.oneshot is oneshot:
        return False
    chosen.oneshot = oneshot
    record_edit(session, preference, "state")
    return True


def set_failure_delay(session: Session, filter_id: int, minutes: int | None) -> bool:
    """Let a filter hold failures for so many minutes, ``None`` for not at all; returns whether that's new."""
    check_failure_delay(minutes)
    preference, chosen = lock_filter(session, filter_id)
    if chosen.hold_minutes == minutes:
        return False
    chosen.hold_minutes = minutes
    record_edit(session, preference, "state")
    return True


def move_filter(session: Session, filter_id: int, position: int) -> int:
    """Move a filter to a position among its preference's, from 0; returns where it is then."""
    preference, chosen = lock_filter(session, filter_id)
    filters = ordered_filters(session, preference.id)
    before = filters.index(chosen)
    filters.insert(max(position, 0), filters.pop(before))
    renumber(filters)
    if chosen.position != before:
        record_edit(session, preference)
    return chosen.position


def remove_filter(session: Session, filter_id: int) -> int:
    """Delete a filter; returns the id of what takes that back."""
    preference = lock_filter_preference(session, filter_id)
    removed = delete_filters(session, Filter.id == filter_id)
    if not removed:
        raise NoResultFound
    renumber(ordered_filters(session, preference.id))
    kept = save_undo(session, preference, removed)
    record_edit(session, preference)
    return kept


def _with_room(session: Session, preference: Preference) -> list[Filter]:
    """The filters beside which one more is to be."""
    filters = ordered_filters(session, preference.id)
    check_filter_count(len(filters) + 1)
    return filters


def _added(session: Session, preference: Preference, expression: Expression, added: Filter) -> Filter:
    others = _with_room(session, preference)
    lock_changes(session)
    added.expression_id = intern_expression(session, expression)
    return _append(session, preference, others, added)


def _append(session: Session, preference: Preference, others: list[Filter], added: Filter) -> Filter:
    added.preference_id = preference.id
    session.add(added)
    renumber([*others, added])
    session.flush()
    record_edit(session, preference, added=cost_of_stored(added.stored))
    return added


def _twin(session: Session, preference: Preference, name: str, wanted: str) -> Filter | None:
    return session.scalars(
        select(Filter).join(Filter.stored)
        .where(Filter.preference_id == preference.id, Filter.name == name, StoredExpression.digest == wanted)
        .order_by(Filter.position).limit(1)).one_or_none()
