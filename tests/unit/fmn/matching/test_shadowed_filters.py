from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.naive_matcher import NaiveEvaluator
from fmn.catalog import Facts
from fmn.directory.snapshot import Directory
from fmn.filters.expressions import All, AnyOf, Expression, Not, Rule
from fmn.matching.shadowed_filters import shadowing_filter
from tests.hypothesis_profiles import scaled
from tests.unit.fmn.matching.generated_inputs import CATALOG, NICKS, directories, expressions, messages, rules

A, B, C = Rule("oven_cake_done"), Rule("oven_cake_burnt"), Rule("shop_cake_sold")


@pytest.mark.parametrize(("earlier", "expression"), [
    (A, A),
    (A, All((A,))),
    (A, All((B, A))),
    (All((A, B)), All((B, A))),
    (All((A, B)), All((A, All((C, B))))),
    (AnyOf((A, B)), AnyOf((B, A, A))),
    (AnyOf((A, B, C)), AnyOf((AnyOf((C, A)), B))),
    (Not(Not(A)), A),
    (Not(AnyOf((A, B))), All((Not(AnyOf((B, A))), C))),
])
def test_a_filter_that_asks_for_the_same_or_less_is_a_shadow(
    earlier: Expression, expression: Expression,
) -> None:
    assert shadowing_filter(expression, [("First", C if expression != C else A), ("Second", earlier)]) in (
        "First", "Second")


@pytest.mark.parametrize(("earlier", "expression"), [
    (All((A, B)), A),
    (A, AnyOf((A, B))),
    (Not(A), A),
    (All(()), A),
    (AnyOf(()), A),
    (All((A, All(()))), A),
])
def test_a_filter_that_asks_for_more_is_none(earlier: Expression, expression: Expression) -> None:
    assert shadowing_filter(expression, [("Earlier", earlier)]) is None


@settings(max_examples=scaled(500))
@given(st.lists(st.one_of(rules(), expressions()), min_size=1, max_size=3), expressions(), expressions(),
       messages(), directories(), st.sampled_from(NICKS))
def test_behind_a_shadow_nothing_is_left(
    parts: list[Expression], earlier: Expression, other: Expression, facts: Facts, directory: Directory,
    nick: str,
) -> None:
    naive = NaiveEvaluator({}, directory, CATALOG)
    for first, second in [
        (earlier, other), (All(tuple(parts)), All((other, *parts))), (AnyOf(tuple(parts)), AnyOf((*parts,))),
    ]:
        if shadowing_filter(second, [("First", first)]) and naive.holds(second, facts, nick):
            assert naive.holds(first, facts, nick)
