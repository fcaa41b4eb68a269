"""Comparison of a file's filters with the saved ones, with a problem for each that can't be saved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fmn.catalog import Catalog
from fmn.filters.budgets import COST_CACHE, FilterCost, excess_of_person
from fmn.filters.expression_syntax import ExpressionSyntaxError, parse_expression
from fmn.filters.expressions import Expression, expression_digest, with_me
from fmn.filters.locking import MAX_FILTERS
from fmn.filters.models import Filter as FilterRow
from fmn.filters.replacing import WantedFilter
from fmn.filters.rule_types import RuleTypes
from fmn.localized import number_text
from fmn.matching.lint_findings import refusals
from fmn.matching.linter import lint
from fmn.preferences_io.file_parser import MISSING, FileProblem
from fmn.preferences_io.schema import Filter
from fmn.text import sentence
from fmn.translations import gettext

#: What a filter is found by: its name and the digest of what it asks, ``""`` if it doesn't say.
Key = tuple[str, str]


class FilterComparison:
    """Compares the filters of one context. ``problems`` collects what can't be saved."""

    def __init__(
        self, there: Sequence[FilterRow], nick: str, rule_types: RuleTypes, catalog: Catalog, now: datetime,
        place: str,
    ) -> None:
        self._there = there
        self._nick = nick
        self._rule_types = rule_types
        self._catalog = catalog
        self._now = now
        self._place = place
        self.problems: list[FileProblem] = []

    def wanted(self, filters: Sequence[Filter]) -> Sequence[WantedFilter]:
        """The filters to save. Saved ones are recognized by name and expression."""
        if len(filters) > MAX_FILTERS:
            most = gettext("There can be {most} filters at most.").format(most=number_text(MAX_FILTERS))
            self.problems.append(FileProblem(self._place, most))
            return ()
        asked = [self._asked(filter_, number) for number, filter_ in enumerate(filters, 1)]
        if over := self._over_budget(asked):
            self.problems.append(FileProblem(self._place, over))
            return ()
        rows = self._rows(filters, asked)
        numbers = range(1, len(filters) + 1)
        return [self._wanted(*each) for each in zip(filters, asked, rows, numbers, strict=True)]

    def _over_budget(self, asked: Sequence[Expression | None]) -> str:
        """A sentence about an exceeded budget, else ``""``. Checked first, because linting costs more."""
        there = {row.stored.digest for row in self._there}
        new = {
            key: each for each in asked if each is not None and (key := expression_digest(each)) not in there}
        cost = FilterCost()
        for each in new.values():
            cost += COST_CACHE.of(each)
            if over := excess_of_person(cost):
                return over
        return ""

    def _asked(self, filter_: Filter, number: int) -> Expression | None:
        if not filter_.expression.strip():
            return None
        try:
            return with_me(parse_expression(filter_.expression, self._rule_types), self._nick)
        except ExpressionSyntaxError as error:
            self._wrong(filter_, number, "expression", str(error))
            return None

    def _rows(
        self, filters: Sequence[Filter], asked: Sequence[Expression | None],
    ) -> Sequence[FilterRow | None]:
        """The saved filter of each file's filter: the same name and expression, else the same one of both."""
        left = list(self._there)
        found: list[FilterRow | None] = [None] * len(filters)
        keys = [
            (filter_.name, expression_digest(expression) if expression else "")
            for filter_, expression in zip(filters, asked, strict=True)]
        for alike in (_is, _is_called, _asks):
            for position, key in enumerate(keys):
                if found[position] is None:
                    found[position] = next((row for row in left if alike(row, key)), None)
                    left = [row for row in left if row is not found[position]]
        return found

    def _wanted(
        self, filter_: Filter, expression: Expression | None, row: FilterRow | None, number: int,
    ) -> WantedFilter:
        if row is None and not filter_.expression.strip():
            self._wrong(filter_, number, "expression", gettext(MISSING))
        if row is not None and (expression is None or row.stored.digest == expression_digest(expression)):
            expression = row.stored.expression_or_none  # what is there already isn't questioned
        else:
            for refused in refusals(lint(expression, self._rule_types, self._catalog)) if expression else ():
                self._wrong(filter_, number, "expression", refused)
        awake = self._awake_in_time(filter_)
        spec = awake.spec(expression, awake.snoozed_until)
        problems = list(spec.problems())
        for problem in problems:
            self._wrong(filter_, number, problem.field, str(problem))
        return WantedFilter(row.id if row else None, spec if problems else spec.normalized())

    def _awake_in_time(self, filter_: Filter) -> Filter:
        """The filter without a snooze that is over, or that a filter which is on can't have."""
        until = filter_.snoozed_until
        if until is None or (not filter_.enabled and until > self._now):
            return filter_
        return filter_.model_copy(update={"enabled": True, "snoozed_until": None})

    def _wrong(self, filter_: Filter, number: int, what: str, detail: str) -> None:
        name = f" “{filter_.name[:100]}”" if filter_.name else ""
        self.problems.append(FileProblem(f"{self._place}, filter {number}{name}, {what}", sentence(detail)))


def _is(row: FilterRow, key: Key) -> bool:
    return (row.name, row.stored.digest) == key


def _is_called(row: FilterRow, key: Key) -> bool:
    return row.name == key[0]


def _asks(row: FilterRow, key: Key) -> bool:
    return row.stored.digest == key[1]
