"""Putting a list of filters in the place of a preference's filters. Those that stay keep their ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.filters.budgets import COST_CACHE, FilterCost
from fmn.filters.editing import check_failure_delay, normalize_name
from fmn.filters.expressions import Expression, with_me
from fmn.filters.interning import intern_expression
from fmn.filters.locking import (
    atomic,
    check_filter_count,
    delete_filters,
    lock_preference,
    record_edit,
    renumber,
)
from fmn.filters.models import Filter
from fmn.people.change_log import lock_changes


@dataclass(frozen=True)
class FilterSpec:
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


@atomic
def replace_filters(session: Session, preference_id: int, wanted: Sequence[FilterSpec]) -> None:
    """Let a preference have these filters, in this order. Those that aren't named by their id are deleted.

    Raises :class:`~fmn.errors.UserError` for a name that can't be, too many filters, or what is over
    budget.
    """
    check_filter_count(len(wanted))
    preference = lock_preference(session, preference_id)
    kept = [each.filter_id for each in wanted if each.filter_id is not None]
    delete_filters(session, Filter.preference_id == preference_id, Filter.id.not_in(kept))
    # Whoever records because of one of them holds it: wait for them before the changes are locked.
    known = {each.id: each for each in session.scalars(
        select(Filter).where(Filter.preference_id == preference_id).with_for_update(),
        execution_options={"populate_existing": True})}
    lock_changes(session)
    rows = [known.get(each.filter_id or 0) or Filter(preference_id=preference_id) for each in wanted]
    for row, each in zip(rows, wanted, strict=True):
        _set(session, row, each, preference.user.nick)
    renumber(rows)
    session.add_all(rows)
    new = (COST_CACHE.of(each.expression) for each in wanted if each.expression is not None and each.enabled)
    record_edit(session, preference, added=sum(new, FilterCost()))


def _set(session: Session, row: Filter, wanted: FilterSpec, nick: str) -> None:
    name = normalize_name(wanted.name)
    check_failure_delay(wanted.hold_minutes)
    before = row.name, row.expression_id
    row.name = name
    if wanted.expression is not None:
        row.expression_id = intern_expression(session, with_me(wanted.expression, nick))
    if row.version is not None and before != (row.name, row.expression_id):
        row.version += 1
    row.enabled, row.oneshot, row.snoozed_until = wanted.enabled, wanted.oneshot, wanted.snoozed_until
    row.hold_minutes = wanted.hold_minutes
    if wanted.enabled:
        row.stop_reason = None
