"""Whether all filters of a person are within their budget, asked in the transaction that changes them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.filters.budgets import COSTS, Cost, Kept, cost_of, excess_of_person, total
from fmn.filters.models import Filter, StoredExpression
from fmn.people.models import Preference


def kept_filters(session: Session, user_id: int, *, but_of: Collection[int] = ()) -> Iterator[Kept]:
    """The filters of a user but for those of the preferences ``but_of``."""
    rows = session.execute(
        select(StoredExpression.id, StoredExpression.digest, Filter.enabled, Filter.snoozed_until)
        .join(Filter, Filter.expression_id == StoredExpression.id)
        .join(Preference, Preference.id == Filter.preference_id)
        .where(Preference.user_id == user_id, Preference.id.not_in(but_of)))
    for expression_id, key, enabled, snoozed_until in rows.all():
        cost = COSTS.get(key) or COSTS.remember(key, _count(session, expression_id))
        yield Kept(key, cost, enabled or snoozed_until is not None)


def _count(session: Session, expression_id: int) -> Cost:
    readable = session.get_one(StoredExpression, expression_id).readable
    return cost_of(readable) if readable else Cost(filters=1)


def cost_of_stored(stored: StoredExpression) -> Cost:
    """What an expression costs that is stored. One that can't be read is never asked."""
    readable = stored.readable
    return COSTS.of(readable) if readable else Cost(filters=1)


def excess(session: Session, user_id: int) -> str:
    """What of a user's filters is over budget, in a sentence; ``""`` if nothing is.

    The changes have to be locked: else two who add filters at once may both be within the budget.
    """
    return excess_of_person(total(kept_filters(session, user_id)))
