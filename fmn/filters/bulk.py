"""What people do to all filters of a preference at once. :mod:`fmn.filters.undo` takes it back."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.filters.budgets import Cost
from fmn.filters.expressions import Expression, digest, personal
from fmn.filters.interning import stored_expression_id
from fmn.filters.locking import all_or_nothing, arrange, done, lock_preference, take_out
from fmn.filters.models import Filter, StoredExpression
from fmn.filters.undo import remember
from fmn.people.change_log import lock_changes
from fmn.people.models import Preference


def remove_all(session: Session, preference: Preference) -> int | None:
    """Delete all filters of a preference; returns the undo's id, ``None`` if there were none."""
    owned = lock_preference(session, preference.id)
    removed = take_out(session, Filter.preference_id == owned.id)
    if not removed:
        return None
    kept = remember(session, owned, removed)
    done(session, owned)
    return kept


@all_or_nothing
def reset_filters(
    session: Session, preference: Preference, defaults: Mapping[str, Expression],
) -> int | None:
    """Put the default filters in the place of all others; returns the undo's id.

    It's ``None`` if they and no others were there already, and switched on. Raises
    :class:`~fmn.filters.locking.EditError` if with them the owner's filters are over budget.
    """
    owned = lock_preference(session, preference.id)
    wanted = {name: personal(expression, owned.user.nick) for name, expression in defaults.items()}
    if _are(session, owned, wanted):
        return None
    removed = take_out(session, Filter.preference_id == owned.id)
    lock_changes(session)
    added = [
        Filter(preference_id=owned.id, name=name, expression_id=stored_expression_id(session, expression))
        for name, expression in wanted.items()
    ]
    arrange(added)
    session.add_all(added)
    session.flush()
    kept = remember(session, owned, removed, added)
    done(session, owned, added=Cost())
    return kept


def _are(session: Session, preference: Preference, wanted: Mapping[str, Expression]) -> bool:
    there = session.execute(
        select(Filter.name, StoredExpression.digest, Filter.enabled, Filter.oneshot, Filter.hold_minutes)
        .join(Filter.stored)
        .where(Filter.preference_id == preference.id).order_by(Filter.position, Filter.id)).all()
    return list(map(tuple, there)) == [
        (name, digest(expression), True, False, None) for name, expression in wanted.items()]
