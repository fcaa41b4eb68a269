"""Lints a filter in its preference, together with the filters before it."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.catalog import Catalog
from fmn.filters.expressions import Expression
from fmn.filters.models import Filter, StoredExpression
from fmn.filters.rule_types import RuleTypes
from fmn.matching.lint_findings import LintFinding
from fmn.matching.linter import lint
from fmn.matching.recent_traffic import RecentTraffic


def lint_in_preference(
    session: Session, expression: Expression, rule_types: RuleTypes, catalog: Catalog, seen: RecentTraffic, *,
    preference_id: int | None, filter_id: int | None = None,
) -> list[LintFinding]:
    """Findings about a filter at its place in a preference, worst first.

    Without ``filter_id`` it's a new filter, which comes last; without ``preference_id`` it's the only one.
    """
    earlier = [] if preference_id is None else list(_earlier(session, preference_id, filter_id))
    return lint(expression, rule_types, catalog, seen=seen, earlier=earlier)


def _earlier(
    session: Session, preference_id: int, filter_id: int | None,
) -> Iterator[tuple[str, Expression]]:
    """The enabled filters before it, by name and in order."""
    rows = session.execute(
        select(Filter.id, Filter.name, Filter.enabled, StoredExpression)
        .join(StoredExpression, StoredExpression.id == Filter.expression_id)
        .where(Filter.preference_id == preference_id).order_by(Filter.position, Filter.id))
    for number, name, enabled, stored in rows:
        if number == filter_id:
            return
        # One that can't be read never lets anything through, and its owner is told so elsewhere.
        if enabled and (earlier := stored.expression_or_none):
            yield name, earlier
