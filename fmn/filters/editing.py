"""What people do to one of their filters. All of it counts for the next message.

Whose a filter is has been asked before. What isn't there any more raises
:class:`sqlalchemy.exc.NoResultFound`, what can't be done or is over budget
:class:`~fmn.filters.locking.EditError`, and neither changes anything. Doing something twice is as good as
doing it once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from fmn.filters.budget_checks import cost_of_stored
from fmn.filters.budgets import COSTS
from fmn.filters.expressions import Expression, digest, personal
from fmn.filters.interning import stored_expression_id
from fmn.filters.locking import (
    EditError,
    all_or_nothing,
    arrange,
    check_room,
    done,
    in_order,
    lock_filter,
    lock_owner,
    lock_preference,
    take_out,
)
from fmn.filters.models import Filter, StoredExpression
from fmn.filters.undo import remember
from fmn.people.change_log import lock_changes
from fmn.people.models import Preference
from fmn.people.versions import take_turn

#: Characters of a filter's name.
LONGEST_NAME: Final = 200
#: How long a filter may sleep. Whoever wants longer switches it off, and doesn't wonder in two years.
LONGEST_SNOOZE: Final = timedelta(days=366)
#: Minutes that failures may be held. What didn't recover within a day is no news when it's told.
HOLDS: Final = range(1, 24 * 60 + 1)


class Added(NamedTuple):
    """A filter that somebody wanted to have; ``new`` is false if it was there already."""

    filter: Filter
    new: bool


def clean_name(name: str) -> str:
    """A filter's name as it's kept. Raises :class:`EditError`."""
    cleaned = " ".join(name.split())
    if not cleaned:
        raise EditError("Give the filter a name.", "name")
    if len(cleaned) > LONGEST_NAME:
        raise EditError(
            f"A name can have {LONGEST_NAME} characters at most, and this one has {len(cleaned)}.", "name")
    for character in cleaned:
        if not character.isprintable():
            raise EditError(
                f"There is a character in the name that can’t be shown (U+{ord(character):04X}).", "name")
    return cleaned


def check_hold(minutes: int | None) -> None:
    """Raise :class:`EditError` if failures can't be held for so many minutes."""
    if minutes is not None and minutes not in HOLDS:
        raise EditError(f"Failures can be held for {HOLDS[0]} to {HOLDS[-1]:,} minutes.", "hold_minutes")


@all_or_nothing
def add_filter(
    session: Session, preference: Preference, name: str, expression: Expression, *,
    enabled: bool = True, oneshot: bool = False, hold_minutes: int | None = None,
) -> Filter:
    """Append a filter to a preference. The owner's account name in it becomes "me"."""
    cleaned = clean_name(name)
    check_hold(hold_minutes)
    owned = lock_preference(session, preference.id)
    return _added(session, owned, personal(expression, owned.user.nick), Filter(
        name=cleaned, enabled=enabled, oneshot=oneshot, hold_minutes=hold_minutes))


@all_or_nothing
def add_filter_once(session: Session, preference: Preference, name: str, expression: Expression) -> Added:
    """Append a filter unless there's one with the same name that asks the same."""
    cleaned = clean_name(name)
    owned = lock_preference(session, preference.id)
    wanted = personal(expression, owned.user.nick)
    if twin := _twin(session, owned, cleaned, digest(wanted)):
        return Added(twin, new=False)
    return Added(_added(session, owned, wanted, Filter(name=cleaned)), new=True)


@all_or_nothing
def copy_filter(session: Session, filter_id: int, context: str) -> Added:
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
        return Added(twin, new=False)
    return Added(_append(session, other, _with_room(session, other), Filter(
        name=original.name, expression_id=original.expression_id, enabled=original.enabled,
        oneshot=original.oneshot, hold_minutes=original.hold_minutes,
        snoozed_until=original.snoozed_until)), new=True)


@all_or_nothing
def change_filter(
    session: Session, filter_id: int, *, name: str | None = None, expression: Expression | None = None,
    seen: int | None = None,
) -> Filter:
    """Give a filter another name or let it ask something else; whoever does saw it at version ``seen``.

    Raises :class:`~fmn.people.versions.EditConflictError` if it was changed since, unless it is already
    what it's to become.
    """
    preference, chosen = lock_filter(session, filter_id)
    new_name = chosen.name if name is None else clean_name(name)
    wanted = None if expression is None else personal(expression, preference.user.nick)
    same = wanted is None or digest(wanted) == chosen.stored.digest
    if same and new_name == chosen.name:
        return chosen
    take_turn(chosen, seen)
    chosen.name = new_name
    costs_more = None
    if wanted is not None and not same:
        # Whoever has more than they may can still narrow it down, step by step.
        cost = COSTS.of(wanted)
        costs_more = None if cost.within(cost_of_stored(chosen.stored)) else cost
        lock_changes(session)
        chosen.expression_id = stored_expression_id(session, wanted)
        session.flush()
        session.expire(chosen, ["stored"])
    done(session, preference, "name" if same else "rules", added=costs_more)
    return chosen


@all_or_nothing
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
        chosen.note = None
    done(session, preference, "state", added=cost_of_stored(chosen.stored) if enabled else None)
    return True


def snooze_filter(session: Session, filter_id: int, until: datetime, now: datetime) -> bool:
    """Switch a filter off until a moment; returns whether it didn't sleep until then already."""
    preference, chosen = lock_filter(session, filter_id)
    if until <= now:
        raise EditError("That moment is past: choose a later one.", "until")
    if until > now + LONGEST_SNOOZE:
        raise EditError("That is more than a year away: switch the filter off instead.", "until")
    if not chosen.enabled and chosen.snoozed_until is None:
        raise EditError("The filter is off. Only one that is on can be snoozed.", "until")
    if chosen.snoozed_until == until:
        return False
    chosen.enabled, chosen.snoozed_until = False, until
    done(session, preference, "state")
    return True


def set_oneshot(session: Session, filter_id: int, *, oneshot: bool) -> bool:
    """Let a filter switch itself off after the next message, or not; returns whether that's new."""
    preference, chosen = lock_filter(session, filter_id)
    if chosen.oneshot is oneshot:
        return False
    chosen.oneshot = oneshot
    done(session, preference, "state")
    return True


def set_hold(session: Session, filter_id: int, minutes: int | None) -> bool:
    """Let a filter hold failures for so many minutes, ``None`` for not at all; returns whether that's new."""
    check_hold(minutes)
    preference, chosen = lock_filter(session, filter_id)
    if chosen.hold_minutes == minutes:
        return False
    chosen.hold_minutes = minutes
    done(session, preference, "state")
    return True


def move_filter(session: Session, filter_id: int, position: int) -> int:
    """Move a filter to a position among its preference's, from 0; returns where it is then."""
    preference, chosen = lock_filter(session, filter_id)
    filters = in_order(session, preference.id)
    before = filters.index(chosen)
    filters.insert(max(position, 0), filters.pop(before))
    arrange(filters)
    if chosen.position != before:
        done(session, preference)
    return chosen.position


def remove_filter(session: Session, filter_id: int) -> int:
    """Delete a filter; returns the id of what takes that back."""
    preference = lock_owner(session, filter_id)
    removed = take_out(session, Filter.id == filter_id)
    if not removed:
        raise NoResultFound
    arrange(in_order(session, preference.id))
    kept = remember(session, preference, removed)
    done(session, preference)
    return kept


def _with_room(session: Session, preference: Preference) -> list[Filter]:
    """The filters beside which one more is to be."""
    filters = in_order(session, preference.id)
    check_room(len(filters) + 1)
    return filters


def _added(session: Session, preference: Preference, expression: Expression, added: Filter) -> Filter:
    others = _with_room(session, preference)
    lock_changes(session)
    added.expression_id = stored_expression_id(session, expression)
    return _append(session, preference, others, added)


def _append(session: Session, preference: Preference, others: list[Filter], added: Filter) -> Filter:
    added.preference_id = preference.id
    session.add(added)
    arrange([*others, added])
    session.flush()
    done(session, preference, added=cost_of_stored(added.stored))
    return added


def _twin(session: Session, preference: Preference, name: str, wanted: str) -> Filter | None:
    return session.scalars(
        select(Filter).join(Filter.stored)
        .where(Filter.preference_id == preference.id, Filter.name == name, StoredExpression.digest == wanted)
        .order_by(Filter.position).limit(1)).one_or_none()
