from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.directory.snapshot import Directory
from fmn.filters.expressions import All, AnyOf, Expression, Rule
from fmn.filters.rule_types import rule_types
from fmn.matching.compiler import Clause, compile_expression
from fmn.matching.cpu_costs import WINDOW, CpuCosts, Overspent
from fmn.matching.index.filing import Trait
from fmn.matching.index.matching_index import Index
from fmn.matching.index.population import Population
from tests.factories.messages import make_facts, make_message

ALICE, BOB, MALLORY = 1, 2, 3
#: CPU seconds of a person's filters per message.
BUDGET = 0.01


class Clock:
    """The CPU time of a thread in which patterns take as long as the test says."""

    def __init__(self) -> None:
        self.now = 0.0
        self._asked = 0
        self.takes: Callable[[], float] = lambda: 0.0

    def __call__(self) -> float:
        self._asked += 1
        if self._asked % 2 == 0:  # when it's asked after a check
            self.now += self.takes()
        return self.now


def pattern(text: str) -> Rule:
    """A pattern that every message is searched for, since it can match without any particular text."""
    return Rule.of("regex_filter", {"pattern": f"{text}|."})


def index(people: Mapping[int, Sequence[int]], expressions: Mapping[int, Expression]) -> Index:
    clauses = {number: compile_expression(each, rule_types()) for number, each in expressions.items()}
    population = Population.of(
        (user_id, f"user{user_id}", (((("email",), tuple(ids))),)) for user_id, ids in people.items())
    return Index.of(1, population, clauses)


class Matching:
    """Messages that are matched one after the other, and what became of those who were over."""

    def __init__(self, index: Index, clock: Clock) -> None:
        self.settled: list[Overspent] = []
        self.too_large: dict[int, str] = {}
        self.costs = CpuCosts(BUDGET, self._settle, clock=clock)
        self.index = index

    def _settle(self, overspent: Sequence[Overspent], too_large: Mapping[int, str]) -> None:
        self.settled += overspent
        self.too_large |= too_large

    def message(self) -> bool:
        """Match one; whether somebody is over then."""
        spending = self.costs.spending(self.index)
        self.index.match(make_facts(make_message()), Directory(), spending)
        return spending.end_message()

    def until_somebody_is_over(self, most: int = 10 * WINDOW) -> int:
        """How many messages it took."""
        return next(number for number in range(1, most) if self.message())


def test_who_takes_too_long_is_over_after_a_window_has_its_budget_used_up() -> None:
    clock = Clock()
    clock.takes = lambda: 2.4 * BUDGET
    matching = Matching(index({ALICE: [1]}, {1: pattern("slow")}), clock)

    # One message isn't counted, and then 42 take longer than a hundred may
    assert matching.until_somebody_is_over() == 43
    matching.costs.settle()
    (found,) = matching.settled
    assert (found.user_id, found.expression_ids, found.messages) == (ALICE, [1], 43)
    assert found.seconds == pytest.approx(42 * 2.4 * BUDGET)


def test_who_keeps_within_the_budget_never_is() -> None:
    clock = Clock()
    clock.takes = lambda: 0.99 * BUDGET
    matching = Matching(index({ALICE: [1]}, {1: pattern("quick enough")}), clock)

    assert not any(matching.message() for _ in range(3 * WINDOW))


@given(st.integers(0, WINDOW - 1), st.floats(0.1, 1000))
def test_one_message_never_switches_anybody_off(position: int, seconds: float) -> None:
    # Such as one in which a garbage collection fell
    clock = Clock()
    matching = Matching(index({ALICE: [1]}, {1: pattern("unlucky")}), clock)

    for number in range(WINDOW):
        clock.takes = lambda number=number: seconds if number == position else 0.0  # type: ignore[misc]
        assert not matching.message()


def test_of_many_filters_that_are_over_together_the_slowest_go() -> None:
    # Given ten filters of Alice's of which each is within the budget, and together they take 2.75 times that
    takes = {number: number * BUDGET / 20 for number in range(1, 11)}
    asked = {number: pattern(f"p{number}") for number in takes}
    matching = Matching(index({ALICE: list(takes)}, asked), Clock())
    checks = {
        check: takes[number] for number, clause in matching.index.expressions.clauses.items()
        for check, _ in clause.checks}

    # When messages come
    messages = next(n for n in range(1, WINDOW) if matching.costs.count(checks, matching.index))
    matching.costs.settle()

    # Then as many of them go as have to, the slowest first
    (found,) = matching.settled
    gone = len(found.expression_ids)
    assert found.expression_ids == sorted(takes, reverse=True)[:gone]
    left = sum(takes[number] for number in takes if number not in found.expression_ids)
    assert left * (messages - 1) <= BUDGET * WINDOW < (left + takes[11 - gone]) * (messages - 1)


def test_everybody_who_has_it_is_over_and_nobody_else() -> None:
    clock = Clock()
    clock.takes = lambda: 2 * BUDGET
    matching = Matching(
        index({ALICE: [1], BOB: [2], MALLORY: [1, 2]},
              {1: pattern("slow"), 2: Rule.of("package_filter", {"package": "moss"})}), clock)

    matching.until_somebody_is_over()
    matching.costs.settle()

    assert {each.user_id: each.expression_ids for each in matching.settled} == {ALICE: [1], MALLORY: [1]}


def test_what_two_filters_share_is_asked_and_counted_once() -> None:
    clock = Clock()
    clock.takes = lambda: 0.9 * BUDGET
    shared = pattern("shared")
    narrower = All((shared, Rule.of("package_filter", {"package": "x"})))
    matching = Matching(index({ALICE: [1, 2]}, {1: shared, 2: narrower}), clock)

    assert not any(matching.message() for _ in range(2 * WINDOW))


def test_who_changed_meanwhile_is_known_by_what_they_have_now() -> None:
    before = index({ALICE: [1], BOB: [1]}, {1: pattern("slow")})
    after = before.patched(2, {BOB: ("user2", ()), MALLORY: ("user3", ((("irc",), (1,)),))}, [], {})

    assert after.holding(frozenset({1})) == {ALICE: {1}, MALLORY: {1}}


def test_it_is_settled_once() -> None:
    clock = Clock()
    clock.takes = lambda: 10 * BUDGET
    matching = Matching(index({ALICE: [1]}, {1: pattern("slow")}), clock)
    matching.until_somebody_is_over()

    matching.costs.settle()
    matching.costs.settle()

    assert len(matching.settled) == 1


def test_what_is_too_large_is_settled_once() -> None:
    clauses = {1: Clause(never=True, over="It has too many rules.")}
    matching = Matching(Index.of(1, Population.of([(ALICE, "a", ((("email",), (1,)),))]), clauses), Clock())

    for _ in range(2):
        matching.message()
        matching.costs.settle()

    assert matching.too_large == {1: "It has too many rules."}


@pytest.mark.parametrize(("rule", "measured"), [
    (pattern("a"), True), (Rule.of("field", {"path": "*.*", "value": "a"}), True),
    (AnyOf((Rule("koji_tag"), pattern("a"))), True), (Rule("koji_tag"), False),
    (Rule.of("package_filter", {"package": "a"}), False)], ids=str)
def test_only_what_people_typed_is_measured(rule: Expression, measured: bool) -> None:
    clock = Clock()
    matching = Matching(index({ALICE: [1]}, {1: rule}), clock)
    matching.message()

    assert bool(matching.index.expressions.with_trait(Trait.MEASURED)) is measured


def test_without_a_budget_nobody_is_over() -> None:
    clock = Clock()
    clock.takes = lambda: 1e6
    matching = Matching(index({ALICE: [1]}, {1: pattern("slow")}), clock)
    matching.costs = CpuCosts(math.inf, matching._settle, clock=clock)  # noqa: SLF001

    assert not any(matching.message() for _ in range(5))
