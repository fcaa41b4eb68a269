from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from fmn.catalog import Facts
from fmn.directory.snapshot import Directory
from fmn.filters.conditions import (
    CheckCondition,
    Condition,
    KeyCondition,
    Relations,
)
from fmn.filters.expressions import All, AnyOf, Expression, Not, Rule
from fmn.matching.compiler import MessageEvaluation, compile_expression
from fmn.matching.normal_form import (
    Conjunction,
    Disjunction,
    Literal,
    NormalForm,
    conjuncts,
    literals_in,
    normal_form,
)
from tests.hypothesis_profiles import scaled
from tests.unit.fmn.matching.generated_inputs import (
    NICKS,
    RULE_TYPES,
    directories,
    expressions,
    messages,
    ties_of,
    view_of,
)

DONE, BURNT = Rule("oven_cake_done"), Rule("oven_cake_burnt")
OTHERS = Rule.of("not_user_filter", {"fasnick": "bob"})


def holds(part: NormalForm, view: MessageEvaluation, ties: Relations) -> bool:
    match part:
        case Conjunction(parts):
            return all(holds(each, view, ties) for each in parts)
        case Disjunction(parts):
            return any(holds(each, view, ties) for each in parts)
        case Literal(condition=condition, wanted=wanted):
            return is_true(condition, view, ties) is wanted


def is_true(condition: Condition, view: MessageEvaluation, ties: Relations) -> bool | None:
    match condition:
        case KeyCondition(keys, its):
            return bool(its & ties) or not keys.isdisjoint(view.keys)
        case CheckCondition():
            return view.evaluate(condition)


@settings(max_examples=scaled(500))
@given(expressions(), messages(), directories(), st.sampled_from(NICKS))
def test_the_normal_form_holds_when_the_clause_does(
    expression: Expression, facts: Facts, directory: Directory, nick: str,
) -> None:
    view, ties = view_of(facts, directory), ties_of(facts, directory, nick)

    assert holds(normal_form(expression, RULE_TYPES), view, ties) == compile_expression(
        expression, RULE_TYPES).holds(view, ties)


def test_what_must_not_hold_is_told_at_the_rule() -> None:
    normal = normal_form(Not(AnyOf((DONE, All((Not(BURNT), OTHERS))))), RULE_TYPES)

    assert [(literal.rule, literal.wanted, literal.negated) for literal in literals_in(normal)] == [
        (DONE, False, True), (BURNT, True, False), (OTHERS, True, True)]


def test_ands_within_ands_are_one() -> None:
    normal = normal_form(All((DONE, All((BURNT, AnyOf((DONE, OTHERS)))))), RULE_TYPES)

    first, second, group = conjuncts([normal])
    assert isinstance(first, Literal)
    assert isinstance(second, Literal)
    assert isinstance(group, Disjunction)
    assert [first.rule, second.rule] == [DONE, BURNT]


def test_an_empty_filter_hears_nothing() -> None:
    assert normal_form(All(()), RULE_TYPES) == Disjunction(())
    assert normal_form(Not(All(())), RULE_TYPES) == Conjunction(())
    assert normal_form(AnyOf(()), RULE_TYPES) == Disjunction(())
