"""Putting a list of filters in the place of a preference's filters. Those that stay keep their ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.filters.budgets import COSTS, Cost
from fmn.filters.editing import check_hold, clean_name
from fmn.filters.expressions import Expression, personal
from fmn.filters.interning import stored_expression_id
from fmn.filters.locking import all_or_nothing, arrange, check_room, done, lock_preference, take_out
from fmn.filters.models import Filter
from fmn.people.change_log import lock_changes


@dataclass(frozen=True)
class Wanted:
    """A filter as it's to be: one that's there, by its id, or a new one.

    Without an ``expression``, one that's there goes on asking what it asks.
    """

    filter_id: int | None
    name: str
    expression: Expression | None
    enabled: bool = True
    oneshot: bool = False
    hold_minutes: int | None = None
    snoozed_until: datetime | None = None


@all_or_nothing
def replace_filters(session: Session, preference_id: int, wanted: Sequence[Wanted]) -> None:
    """Let a preference have these filters, in this order. Those that aren't named by their id are deleted.

    Raises :class:`~fmn.filters.locking.EditError` for a name that can't be, too many filters, or what is over
    budget.
    """
    check_room(len(wanted))
    preference = lock_preference(session, preference_id)
    kept = [each.filter_id for each in wanted if each.filter_id is not None]
    take_out(session, Filter.preference_id == preference_id, Filter.id.not_in(kept))
    # Whoever records because of one of them holds it: wait for them before the changes are locked.
    known = {each.id: each for each in session.scalars(
        select(Filter).where(Filter.preference_id == preference_id).with_for_update(),
        execution_options={"populate_existing": True})}
    lock_changes(session)
    rows = [known.get(each.filter_id or 0) or Filter(preference_id=preference_id) for each in wanted]
    for row, each in zip(rows, wanted, strict=True):
        _set(session, row, each, preference.user.nick)
    arrange(rows)
    session.add_all(rows)
    new = (COSTS.of(each.expression) for each in wanted if each.expression is not None and each.enabled)
    done(session, preference, added=sum(new, Cost()))


def _set(session: Session, row: Filter, wanted: Wanted, nick: str) -> None:
    name = clean_name(wanted.name)
    check_hold(wanted.hold_minutes)
    before = row.name, row.expression_id
    row.name = name
    if wanted.expression is not None:
        row.expression_id = stored_expression_id(session, personal(wanted.expression, nick))
    if row.version is not None and before != (row.name, row.expression_id):
        row.version += 1
    row.enabled, row.oneshot, row.snoozed_until = wanted.enabled, wanted.oneshot, wanted.snoozed_until
    row.hold_minutes = wanted.hold_minutes
    if wanted.enabled:
        row.note = None
