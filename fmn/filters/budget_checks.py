"""Budget checks of a person's filters, within the transaction that changes them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.filters.budgets import (
    COST_CACHE,
    BudgetedFilter,
    FilterCost,
    cost_of,
    excess_of_filter,
    excess_of_person,
    total_cost,
)
from fmn.filters.models import Filter, StoredExpression
from fmn.infra.clock import utc_now
from fmn.people.models import Preference, User


def budgeted_filters(
    session: Session, user_id: int, *, but_of: Collection[int] = (),
) -> Iterator[BudgetedFilter]:
    """The filters of a user, without those of the preferences ``but_of``."""
    rows = session.execute(
        select(StoredExpression.id, StoredExpression.digest, Filter.enabled, Filter.snoozed_until)
        .join(Filter, Filter.expression_id == StoredExpression.id)
        .join(Preference, Preference.id == Filter.preference_id)
        .where(Preference.user_id == user_id, Preference.id.not_in(but_of)))
    for expression_id, key, enabled, snoozed_until in rows.all():
        cost = COST_CACHE.get(key) or COST_CACHE.remember(key, _count(session, expression_id))
        yield BudgetedFilter(key, cost, enabled or snoozed_until is not None)


def _count(session: Session, expression_id: int) -> FilterCost:
    readable = session.get_one(StoredExpression, expression_id).expression_or_none
    return cost_of(readable) if readable else FilterCost(filters=1)


def cost_of_stored(stored: StoredExpression) -> FilterCost:
    """The cost of a stored expression. One that can't be read is never evaluated and costs only its room."""
    readable = stored.expression_or_none
    return COST_CACHE.of(readable) if readable else FilterCost(filters=1)


def pattern_pause_reason(owner: User, added: FilterCost) -> str:
    """A sentence that says until when this owner can't save regular expressions, ``""`` if they can.

    The pause follows filters that took too much computing time: without it, a worker would have to find them
    slow again and again.
    """
    until = owner.patterns_paused_until
    if not added.patterns or until is None or until <= utc_now():
        return ""
    return ("Your regular expressions took too much computing time. Filters that have some can be saved or "
            f"switched on again from {until:%H:%M} UTC on.")


def budget_excess(session: Session, user_id: int) -> str:
    """A sentence that says what of a user's filters is over budget, ``""`` if nothing is.

    The caller locks the changes first: otherwise two who add filters at once could both be within the budget.
    """
    filters = list(budgeted_filters(session, user_id))
    for each in filters:
        # One from before there were budgets isn't asked, and can be on only until a worker sees it.
        if each.counts and (over := excess_of_filter(each.cost)):
            return f"One of your filters is too large. {over}"
    return excess_of_person(total_cost(filters))
