"""Clauses mean what their expressions mean, and are found wherever they're filed."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.naive_matcher import NaiveEvaluator
from fmn.catalog import Facts
from fmn.directory.snapshot import Directory
from fmn.filters.conditions import Key, KeyKind
from fmn.filters.expressions import ME, All, AnyOf, Expression, Not, Rule
from fmn.filters.rule_types import RuleError
from fmn.matching.compiler import NEVER, IndexKeys, compile_expression, index_keys_of
from fmn.matching.index.atom_scan import AtomScanner
from tests.hypothesis_profiles import scaled
from tests.unit.fmn.matching.generated_inputs import (
    CATALOG,
    NICKS,
    RULE_TYPES,
    directories,
    expressions,
    messages,
    ties_of,
    view_of,
)


@settings(max_examples=scaled(500))
@given(expressions(), messages(), directories(), st.sampled_from(NICKS))
def test_a_clause_holds_when_its_expression_does(
    expression: Expression, facts: Facts, directory: Directory, nick: str,
) -> None:
    clause = compile_expression(expression, RULE_TYPES)
    ties = ties_of(facts, directory, nick)
    view = view_of(facts, directory)

    assert clause.holds(view, ties) == NaiveEvaluator({}, directory, CATALOG).holds(expression, facts, nick)
    assert clause.may_hold(view) or not clause.holds(view, ties)


@settings(max_examples=scaled(500))
@given(expressions(), messages(), directories(), st.sampled_from(NICKS))
def test_what_is_true_of_a_message_is_found_where_it_is_filed(
    expression: Expression, facts: Facts, directory: Directory, nick: str,
) -> None:
    clause = compile_expression(expression, RULE_TYPES)
    ties = ties_of(facts, directory, nick)
    view = view_of(facts, directory)
    if clause.holds(view, ties):
        place = index_keys_of(clause)
        scanned = frozenset(AtomScanner().with_more(place.keys).keys_in(view.subject.searched))
        assert place.residual or place.keys & (view.keys | scanned) or (place.ties and ties)


def filed(expression: Expression) -> IndexKeys:
    return index_keys_of(compile_expression(expression, RULE_TYPES))


def keys(kind: KeyKind, *values: str) -> frozenset[Key]:
    return frozenset((kind, value) for value in values)


NAMES_ME = Rule.of("user_filter", {"fasnick": ME})
ABOUT_PHP = Rule.of("package_filter", {"package": "php, ruby"})
FROM_OVEN = Rule("oven_catchall")
SAYS = Rule.of("oven_says", {"word": "ready"})
TEXT = Rule.of("regex_filter", {"pattern": "x"})
LONG = Rule.of("regex_filter", {"pattern": "rebuild"})
SHORT = Rule.of("regex_filter", {"pattern": "a1|b2|c3|d4|e5|f6"})


@pytest.mark.parametrize(("expression", "place"), [
    (NAMES_ME, IndexKeys(ties=True)),
    (All((FROM_OVEN, ABOUT_PHP, NAMES_ME)), IndexKeys(ties=True)),
    (All((FROM_OVEN, ABOUT_PHP)), IndexKeys(keys(KeyKind.PACKAGE, "php", "ruby"))),
    (All((FROM_OVEN, SAYS)), IndexKeys(keys(KeyKind.CATEGORY, "oven"))),
    (AnyOf((ABOUT_PHP, NAMES_ME)), IndexKeys(keys(KeyKind.PACKAGE, "php", "ruby"), ties=True)),
    (All((FROM_OVEN, AnyOf((ABOUT_PHP, NAMES_ME)))),
     IndexKeys(keys(KeyKind.PACKAGE, "php", "ruby"), ties=True)),
    (All((FROM_OVEN, AnyOf((ABOUT_PHP, SAYS)))), IndexKeys(keys(KeyKind.CATEGORY, "oven"))),
    (Not(AnyOf((Not(ABOUT_PHP), FROM_OVEN))), IndexKeys(keys(KeyKind.PACKAGE, "php", "ruby"))),
    (Rule.of("user_filter", {"fasnick": "bob"}), IndexKeys(keys(KeyKind.USER, "bob"))),
    (Rule.of("user_package_watch_filter", {"fasnick": "bob"}), IndexKeys(keys(KeyKind.WATCHES, "bob"))),
    (Rule("oven_finished"), IndexKeys(keys(KeyKind.EVENT, "oven_cake_done", "oven_cake_burnt"))),
    (Rule.of("fas_group_member_filter", {"group": "infra"}), IndexKeys(keys(KeyKind.GROUP, "infra"))),
    (Rule.of("actor", {"fasnick": "bob"}), IndexKeys(keys(KeyKind.ACTOR, "bob"))),
    (Rule.of("actor", {"fasnick": ME}), IndexKeys(ties=True)),
    (Rule.of("severity", {"severity": "warning"}), IndexKeys(keys(KeyKind.SEVERITY, "warning", "error"))),
    (All((Rule.of("severity", {"severity": "error"}), FROM_OVEN)), IndexKeys(keys(KeyKind.CATEGORY, "oven"))),
    # A rule of an application's can only hold for its messages
    (SAYS, IndexKeys(keys(KeyKind.CATEGORY, "oven"))),
    (AnyOf((SAYS, Rule("shop_catchall"))), IndexKeys(keys(KeyKind.CATEGORY, "oven", "shop"))),
    # A pattern is filed under the texts that its matches must contain
    (LONG, IndexKeys(keys(KeyKind.TEXT_ATOMS, "rebuild"))),
    (SHORT, IndexKeys(keys(KeyKind.TEXT_ATOMS, "a1\tb2\tc3\td4\te5\tf6"))),
    (All((SHORT, LONG, TEXT, Not(LONG))), IndexKeys(keys(KeyKind.TEXT_ATOMS, "rebuild"))),
    (All((Rule("oven_finished"), LONG)), IndexKeys(keys(KeyKind.TEXT_ATOMS, "rebuild"))),
    (All((LONG, ABOUT_PHP)), IndexKeys(keys(KeyKind.PACKAGE, "php", "ruby"))),
    (AnyOf((LONG, FROM_OVEN)),
     IndexKeys(keys(KeyKind.TEXT_ATOMS, "rebuild") | keys(KeyKind.CATEGORY, "oven"))),
    (Rule.of("topic_filter", {"pattern": "*.oven.*"}), IndexKeys(keys(KeyKind.TOPIC_ATOMS, ".oven."))),
    (Rule.of("package_regex_filter", {"pattern": "^perl-?a.*12"}),
     IndexKeys(keys(KeyKind.PACKAGE_ATOMS, "perl-a\tperla\n12"))),
    (Rule.of("field", {"path": "a", "value": 'the "word"'}), IndexKeys(keys(KeyKind.TEXT_ATOMS, "the "))),
    (Rule.of("field_regex", {"path": "a", "pattern": "fern.spec"}),
     IndexKeys(keys(KeyKind.TEXT_ATOMS, "fern\nspec"))),
])
def test_a_filter_is_filed_under_what_fewest_messages_have(expression: Expression, place: IndexKeys) -> None:
    assert filed(expression) == place


@pytest.mark.parametrize("expression", [
    Not(SAYS), Not(ABOUT_PHP), Not(NAMES_ME), AnyOf((ABOUT_PHP, TEXT)), Not(All((ABOUT_PHP, NAMES_ME))),
    TEXT, Not(LONG), AnyOf((LONG, TEXT)), Rule.of("not_user_filter", {"fasnick": "bob"}), Not(All(())),
])
def test_a_filter_that_can_be_filed_nowhere_is_held_against_every_message(expression: Expression) -> None:
    assert filed(expression).residual


@pytest.mark.parametrize("expression", [
    All(()), AnyOf(()), All((ABOUT_PHP, All(()))), All((All(()), NAMES_ME)), Not(Not(All(()))),
    AnyOf((AnyOf(()), All(())))])
def test_an_empty_filter_hears_nothing(expression: Expression) -> None:
    assert compile_expression(expression, RULE_TYPES) == NEVER


def test_a_long_list_of_exceptions_becomes_one_look() -> None:
    clause = compile_expression(
        All((NAMES_ME, Not(FROM_OVEN), Not(ABOUT_PHP), Not(Rule("oven_finished")))), RULE_TYPES)

    assert len(clause.forbidden_keys) == 5
    assert not clause.checks
    assert not clause.alternatives


@pytest.mark.parametrize("rules", [[Rule("no_such_rule")], [ABOUT_PHP, Rule("user_filter")]])
def test_an_expression_with_a_rule_that_cannot_be_asked_is_refused(rules: Iterable[Rule]) -> None:
    with pytest.raises(RuleError):
        compile_expression(All(tuple(rules)), RULE_TYPES)
