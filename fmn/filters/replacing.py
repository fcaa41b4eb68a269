"""Replacement of a preference's filters by a list. Filters that stay keep their ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.filters.budgets import COST_CACHE, FilterCost
from fmn.filters.expressions import Expression, with_me
from fmn.filters.interning import intern_expression
from fmn.filters.locking import (
    atomic,
    check_filter_count,
    created,
    delete_filters,
    deleted,
    lock_preference,
    record_edit,
    renumber,
    updated,
)
from fmn.filters.models import Filter
from fmn.filters.spec import FilterSpec
from fmn.people.change_log import lock_changes


class WantedFilter(NamedTuple):
    """A filter of the new list: a saved one by its id, or a new one, whose id is ``None``."""

    filter_id: int | None
    spec: FilterSpec


@atomic
def replace_filters(session: Session, preference_id: int, wanted: Sequence[WantedFilter]) -> None:
    """Replace the filters of a preference by these, in this order. Filters that aren't listed are deleted.

    Raises :class:`~fmn.errors.UserError` for a bad field, too many filters and an exceeded budget.
    """
    check_filter_count(len(wanted))
    preference = lock_preference(session, preference_id)
    kept = [each.filter_id for each in wanted if each.filter_id is not None]
    removed = delete_filters(session, Filter.preference_id == preference_id, Filter.id.not_in(kept))
    # Whoever records because of one of them holds it: wait for them before the changes are locked.
    known = {each.id: each for each in session.scalars(
        select(Filter).where(Filter.preference_id == preference_id).with_for_update(),
        execution_options={"populate_existing": True})}
    lock_changes(session)
    rows, changed, added = [], [], FilterCost()
    for each in wanted:
        row = known.get(each.filter_id or 0)
        if row is not None and each.spec.changed_fields(FilterSpec.of(row)):
            changed.append(row)
        expression = _new_expression(row, each.spec)
        if expression is not None and each.spec.enabled:
            added += COST_CACHE.of(expression)
        rows.append(_saved(session, row, each.spec, expression and with_me(expression, preference.user.nick)))
    for row in rows:
        row.preference_id = preference_id
    renumber(rows)
    session.add_all(rows)
    session.flush()
    new = [row for row in rows if row.id not in known]
    record_edit(session, preference, added=added, filters=[
        *deleted(removed), *updated(changed), *created(new)])


def _new_expression(row: Filter | None, wanted: FilterSpec) -> Expression | None:
    """The expression to store, ``None`` if a saved filter keeps its own."""
    there = None if row is None else row.stored.expression_or_none
    return None if wanted.expression == there else wanted.expression


def _saved(session: Session, there: Filter | None, spec: FilterSpec, expression: Expression | None) -> Filter:
    row = Filter(version=0) if there is None else there
    before = row.name, row.expression_id
    spec.normalized().write_to(row)
    if expression is not None:
        row.expression_id = intern_expression(session, expression)
    if there is not None and before != (row.name, row.expression_id):
        row.version += 1
    return row
