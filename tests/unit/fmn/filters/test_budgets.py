from __future__ import annotations

from dataclasses import astuple, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.filters.budgets import (
    PER_FILTER,
    PER_PERSON,
    BudgetedFilter,
    CostCache,
    FilterCost,
    budget_share,
    cost_of,
    excess_of_filter,
    excess_of_person,
    total_cost,
)
from fmn.filters.default_filters import default_filters
from fmn.filters.expressions import All, AnyOf, Expression, Not, Rule
from fmn.filters.rule_types import rule_types

COSTS = st.builds(FilterCost, st.just(1), *[st.integers(0, most) for most in astuple(PER_FILTER)[1:]])
#: Filters, some of which ask the same: what asks the same costs the same.
KEPT = st.dictionaries(st.sampled_from("abcdef"), COSTS, min_size=1).flatmap(
    lambda costs: st.lists(st.tuples(st.sampled_from(sorted(costs)), st.booleans()), max_size=12).map(
        lambda filters: [BudgetedFilter(digest, costs[digest], counts) for digest, counts in filters]))


def regex(text: str) -> Rule:
    return Rule.of("regex_filter", {"pattern": text})


def large(number: int) -> Rule:
    """A pattern of nearly 2,000 instructions."""
    return regex(f"((a?){{30}}){{30}}a{{30}}#{number}")


class TestCostOf:
    def test_counts_rules_patterns_and_their_instructions(self) -> None:
        cost = cost_of(AnyOf((regex("^a"), Not(regex("b+")), Rule("koji_tag"), regex("^a"))))

        assert (cost.filters, cost.rules, cost.patterns) == (1, 4, 2)
        assert 2 <= cost.program < 20

    @pytest.mark.parametrize("rule", [
        Rule.of("regex_filter", {"pattern": "a+"}), Rule.of("package_regex_filter", {"pattern": "a+"}),
        Rule.of("topic_filter", {"pattern": "*.a.*"}),
        Rule.of("field_regex", {"path": "a.b", "pattern": "a+"})], ids=lambda rule: rule.name)
    def test_counts_whatever_is_a_pattern(self, rule: Rule) -> None:
        assert cost_of(rule).patterns == 1
        assert cost_of(rule).program > 1

    def test_a_rule_that_cannot_be_asked_costs_its_room(self) -> None:
        cost = cost_of(All((regex("("), Rule("no_such_rule"))))

        assert cost.size > 0
        assert cost.slow == 0
        assert cost == FilterCost(1, 2, 0, 0, cost.size)

    def test_slow_rules_are_those_that_are_tried_with_every_message(self) -> None:
        slow, quick = regex("[a-z]+[0-9]"), regex("kernel")

        assert cost_of(AnyOf((slow, quick, regex(".x")))).slow == 2
        assert cost_of(All((slow, quick))).slow == 0
        assert cost_of(All((Not(slow), Not(quick)))).slow == 1
        assert cost_of(Not(AnyOf((slow, Not(Rule("koji_tag")))))).slow == 0

    def test_counting_ends_where_there_is_too_much(self) -> None:
        many: Expression = All(tuple(map(large, range(490))))

        cost = cost_of(many)

        assert PER_FILTER.program < cost.program < 2 * PER_FILTER.program
        assert "instructions" in excess_of_filter(cost)

    def test_the_default_filters_are_far_from_any_budget(self) -> None:
        costs = [cost_of(each) for each in default_filters(rule_types()).values()]

        assert not any(map(excess_of_filter, costs))
        every = total_cost(BudgetedFilter(f"{context} {number}", cost, counts=True)
                      for context in range(5) for number, cost in enumerate(costs))
        assert every.rules < PER_PERSON.rules / 4


class TestTotal:
    def test_of_filters_that_ask_the_same_only_rules_are_asked_twice(self) -> None:
        one = BudgetedFilter("a", FilterCost(1, 3, 2, 100, 50), counts=True)

        assert total_cost([one, one]) == FilterCost(2, 6, 2, 100, 50)

    def test_a_filter_that_is_off_takes_room_only(self) -> None:
        assert total_cost([BudgetedFilter("a", FilterCost(1, 3, 2, 100, 50), counts=False)]) == FilterCost(
            1, 0, 0, 0, 50)

    @given(KEPT, KEPT)
    def test_more_filters_never_cost_less(
        self, some: list[BudgetedFilter], more: list[BudgetedFilter],
    ) -> None:
        known = {each.digest: each.cost for each in some}
        more = [each._replace(cost=known.get(each.digest, each.cost)) for each in more]

        assert total_cost(some).within(total_cost(some + more))

    @given(KEPT)
    def test_their_order_does_not_matter(self, filters: list[BudgetedFilter]) -> None:
        shuffled = sorted(filters, key=lambda each: (each.counts, each.digest))

        assert total_cost(shuffled) == total_cost(filters)

    @given(KEPT)
    def test_it_is_never_more_than_the_sum(self, filters: list[BudgetedFilter]) -> None:
        summed = FilterCost()
        for each in filters:
            summed += each.cost

        assert total_cost(filters).within(summed)

    @given(KEPT)
    def test_one_excess_is_told_if_and_only_if_something_is_over(self, filters: list[BudgetedFilter]) -> None:
        found = total_cost(filters)

        assert bool(excess_of_person(found)) is not found.within(PER_PERSON)


class TestExcess:
    @pytest.mark.parametrize(("part", "how_much", "what_to_do"), [
        ("rules", "501 rules, and 500 is the most", "one rule takes several names, separated by commas"),
        ("patterns", "101 regular expressions, and 100 is the most", "join some by |"),
        ("program", "10,001 instructions of regular expressions, and 10,000 is the most", "long lists and"),
        ("size", "100,001 bytes, and 100,000 is the most", "delete or shorten some."),
        ("slow", "21 slow rules, which are tried with every message, and 20 is the most", "add letters that"),
    ])
    def test_of_a_filter_says_how_much_and_what_to_do(
        self, part: str, how_much: str, what_to_do: str) -> None:
        most = getattr(PER_FILTER, part)

        assert excess_of_filter(replace(PER_FILTER, **{part: most + 1})).startswith(
            f"It has {how_much}: {what_to_do}")
        assert excess_of_filter(PER_FILTER) == ""

    @pytest.mark.parametrize(("part", "beginning"), [
        ("filters", "There can be 500 filters at most in all channels: delete some that you don’t need."),
        ("patterns", "With it your filters have 201 regular expressions, and 200 is the most: join"),
    ])
    def test_of_a_person_says_that_it_is_all_of_theirs(self, part: str, beginning: str) -> None:
        most = getattr(PER_PERSON, part)

        assert excess_of_person(replace(PER_PERSON, **{part: most + 1})).startswith(beginning)
        assert excess_of_person(PER_PERSON) == ""


def test_the_share_is_of_what_is_used_most() -> None:
    assert budget_share(FilterCost(patterns=10, program=6_000)) == 60
    assert budget_share(FilterCost(patterns=50, program=100)) == 50


class TestCosts:
    def test_are_counted_once(self) -> None:
        costs, asked = CostCache(), regex("a+")

        assert costs.of(asked) is costs.of(asked)
        assert costs.of(asked) == cost_of(asked)

    def test_the_oldest_is_forgotten(self) -> None:
        costs = CostCache(most=1)
        costs.remember("a", FilterCost())
        costs.remember("b", FilterCost())

        assert (costs.get("a"), costs.get("b")) == (None, FilterCost())
