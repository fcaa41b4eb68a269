"""Budgets: limits for the cost of one filter and of all filters of a person. Pure.

A filter that is off costs room but no time: its rules and patterns don't count. A snoozed filter counts,
because it will be on again. Filters of a person with the same expression are evaluated once, and count once
apart from their rules.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass
from threading import Lock
from typing import Final, NamedTuple

from fmn.filters.conditions import CheckCondition
from fmn.filters.expressions import Expression, Rule, expression_digest, expression_to_json, rules_in
from fmn.filters.rule_definition import RuleError
from fmn.filters.rule_types import RuleTypes, rule_types
from fmn.filters.slow_rules import slow_rules
from fmn.localized import number_text
from fmn.translations import gettext, mark

#: Costs of expressions that are remembered, a few hundred bytes each.
MAX_CACHED_COSTS: Final = 20_000


@dataclass(frozen=True, slots=True)
class FilterCost:
    """The cost of filters: their number, rules, regular expressions, the instructions of these, and bytes.

    Of the rules so many are ``slow``: tried with every message.
    """

    filters: int = 0
    rules: int = 0
    patterns: int = 0
    program: int = 0
    size: int = 0
    slow: int = 0

    def __add__(self, other: FilterCost) -> FilterCost:
        return FilterCost(
            *(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))

    def within(self, other: FilterCost) -> bool:
        """Whether no part of the cost exceeds the other cost's."""
        return all(mine <= theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True))


#: One filter. Nobody oversees more rules, and lists as arguments say it shorter. The largest pattern fits in.
PER_FILTER: Final = FilterCost(filters=1, rules=500, patterns=100, program=10_000, size=100_000, slow=20)
#: All filters of a person. Most have ten, with some hundred rules and no pattern. So many instructions take
#: up to 0.1 ms for each byte of a message (see :data:`~fmn.filters.regexes.MAX_SEARCH_STEPS`): where it's the
#: worst that can be written, half a second for a common message of 5 kB. Then the budget of time ends it. A
#: harmless slow rule takes some microseconds of every message.
PER_PERSON: Final = FilterCost(
    filters=500, rules=10_000, patterns=200, program=25_000, size=1_000_000, slow=20)

_TOO_MANY_FILTERS: Final = mark(
    "There can be {most} filters at most in all channels: delete some that you don’t need.")
#: What is said if there's too much of a part of a cost, of one filter and of all that somebody has.
_TOO_MANY: Final[Mapping[str, tuple[str, str]]] = {
    "filters": (_TOO_MANY_FILTERS, _TOO_MANY_FILTERS),
    "rules": (
        mark("It has {used} rules, and {most} is the most: one rule takes several names, separated by "
             "commas."),
        mark("With it your filters have {used} rules, and {most} is the most: one rule takes several names, "
             "separated by commas.")),
    "patterns": (
        mark("It has {used} regular expressions, and {most} is the most: join some by |, or ask for packages "
             "and applications by name."),
        mark("With it your filters have {used} regular expressions, and {most} is the most: join some by |, "
             "or ask for packages and applications by name.")),
    "program": (
        mark("It has {used} instructions of regular expressions, and {most} is the most: long lists and "
             "repetitions such as {{1,50}} make many; ask for packages and applications by name."),
        mark("With it your filters have {used} instructions of regular expressions, and {most} is the most: "
             "long lists and repetitions such as {{1,50}} make many; ask for packages and applications by "
             "name.")),
    "size": (
        mark("It has {used} bytes, and {most} is the most: delete or shorten some."),
        mark("With it your filters have {used} bytes, and {most} is the most: delete or shorten some.")),
    "slow": (
        mark("It has {used} slow rules, which are tried with every message, and {most} is the most: add "
             "letters that a message must have, or ask for a package, person or application in the same "
             "filter."),
        mark("With it your filters have {used} slow rules, which are tried with every message, and {most} is "
             "the most: add letters that a message must have, or ask for a package, person or application "
             "in the same filter.")),
}


class BudgetedFilter(NamedTuple):
    """A person's filter: its expression's digest and cost, and whether its rules count."""

    digest: str
    cost: FilterCost
    counts: bool


def cost_of(expression: Expression, types: RuleTypes | None = None) -> FilterCost:
    """The cost of a filter with this expression. A rule that can't be evaluated costs only its room.

    Counting patterns stops where there are more than a filter may have.
    """
    rules = list(rules_in(expression))
    size = len(json.dumps(expression_to_json(expression), separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8", "replace"))
    cost = FilterCost(1, len(rules), 0, 0, size)
    if not cost.within(PER_FILTER):
        return cost
    types = types or rule_types()
    for program in _programs(rules, types):
        cost += FilterCost(patterns=1, program=program)
        if not cost.within(PER_FILTER):
            return cost
    return cost + FilterCost(slow=len(slow_rules(expression, types)))


def _programs(rules: Iterable[Rule], types: RuleTypes) -> Iterator[int]:
    """The sizes of the compiled patterns, in instructions."""
    for rule in dict.fromkeys(rules):
        try:
            condition, _ = types.condition(rule)
        except RuleError:
            continue
        if isinstance(condition, CheckCondition) and condition.program:
            yield condition.program


class CostCache:
    """Cache of the costs of expressions by digest, for up to ``most`` of them. Thread-safe."""

    def __init__(self, most: int = MAX_CACHED_COSTS) -> None:
        self._most = most
        self._known: OrderedDict[str, FilterCost] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str) -> FilterCost | None:
        """The cached cost, ``None`` if there is none."""
        with self._lock:
            return self._known.get(key)

    def of(self, expression: Expression) -> FilterCost:
        """The cost of an expression, computed unless it's cached."""
        key = expression_digest(expression)
        return self.get(key) or self.remember(key, cost_of(expression))

    def remember(self, key: str, cost: FilterCost) -> FilterCost:
        """Cache a cost; the oldest goes if there are too many."""
        with self._lock:
            self._known[key] = cost
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        return cost


COST_CACHE: Final = CostCache()


def total_cost(filters: Iterable[BudgetedFilter]) -> FilterCost:
    """The cost of all filters of a person together."""
    filters = list(filters)
    found = FilterCost(filters=len(filters))
    for each in filters:
        found += FilterCost(rules=each.cost.rules if each.counts else 0)
    for each in {each.digest: each for each in filters}.values():
        found += FilterCost(size=each.cost.size)
    for each in {each.digest: each for each in filters if each.counts}.values():
        found += FilterCost(
            patterns=each.cost.patterns, program=each.cost.program, slow=each.cost.slow)
    return found


def excess_of_filter(cost: FilterCost) -> str:
    """A sentence that says what of one filter is over budget, ``""`` if nothing is."""
    return _excess(cost, PER_FILTER, 0)


def excess_of_person(cost: FilterCost) -> str:
    """A sentence that says what of a person's filters is over budget, ``""`` if nothing is."""
    return _excess(cost, PER_PERSON, 1)


def _excess(cost: FilterCost, budget: FilterCost, whose: int) -> str:
    for name, sentences in _TOO_MANY.items():
        used, most = getattr(cost, name), getattr(budget, name)
        if used > most:
            return gettext(sentences[whose]).format(used=number_text(used), most=number_text(most))
    return ""


def budget_share(cost: FilterCost, budget: FilterCost = PER_FILTER) -> int:
    """The share of the budget for regular expressions that a cost uses, in percent."""
    return max(
        100 * used // most
        for used, most in ((cost.patterns, budget.patterns), (cost.program, budget.program)))
