"""Bulk edits: delete, replace or reset all filters of a preference. :mod:`fmn.filters.undo` reverts them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from fmn.filters.budgets import FilterCost
from fmn.filters.expressions import Expression, expression_digest, with_me
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
)
from fmn.filters.models import Filter
from fmn.filters.spec import FilterSpec
from fmn.filters.undo import save_undo
from fmn.people.change_log import lock_changes
from fmn.people.models import Preference


def remove_all_filters(session: Session, preference: Preference) -> int | None:
    """Delete all filters of a preference. Returns the undo's id, ``None`` if there were no filters."""
    owned = lock_preference(session, preference.id)
    removed = delete_filters(session, Filter.preference_id == owned.id)
    if not removed:
        return None
    kept = save_undo(session, owned, removed)
    record_edit(session, owned, filters=deleted(removed))
    return kept


@atomic
def reset_filters(
    session: Session, preference: Preference, defaults: Mapping[str, Expression],
) -> int | None:
    """Replace all filters of a preference by the default filters. Returns the undo's id.

    Returns ``None`` and changes nothing if the filters are the default filters already, all switched on.
    Raises :class:`~fmn.errors.UserError` if the owner's filters would be over budget.
    """
    owned = lock_preference(session, preference.id)
    wanted = {name: with_me(expression, owned.user.nick) for name, expression in defaults.items()}
    if _are(session, owned, wanted):
        return None
    return _replace(session, owned, [FilterSpec(name=name, expression=each) for name, each in wanted.items()])


@atomic
def replace_filters(session: Session, preference: Preference, filters: Sequence[FilterSpec]) -> int:
    """Replace all filters of a preference by these. Returns the undo's id.

    Raises :class:`~fmn.errors.UserError` if the owner's filters would be over budget.
    """
    owned = lock_preference(session, preference.id)
    return _replace(session, owned, [
        each.replaced(expression=with_me(each.expression, owned.user.nick)).normalized()
        for each in filters if each.expression is not None])


def _replace(session: Session, owned: Preference, filters: Sequence[FilterSpec]) -> int:
    check_filter_count(len(filters))
    removed = delete_filters(session, Filter.preference_id == owned.id)
    lock_changes(session)
    added = [
        Filter(
            preference_id=owned.id, expression_id=intern_expression(session, each.expression),
            **each.columns())
        for each in filters if each.expression is not None
    ]
    renumber(added)
    session.add_all(added)
    session.flush()
    kept = save_undo(session, owned, removed, added)
    record_edit(session, owned, added=FilterCost(), filters=[*deleted(removed), *created(added)])
    return kept


def _are(session: Session, preference: Preference, wanted: Mapping[str, Expression]) -> bool:
    there = session.scalars(
        select(Filter).options(joinedload(Filter.stored))
        .where(Filter.preference_id == preference.id).order_by(Filter.position, Filter.id)).all()
    return [(FilterSpec.of_columns(row), row.stored.digest) for row in there] == [
        (FilterSpec(name=name), expression_digest(expression)) for name, expression in wanted.items()]
