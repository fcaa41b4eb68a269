"""Expressions in columns against compiling each of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from fmn.filters.conditions import CheckCondition
from fmn.filters.expressions import ME, All, AnyOf, Expression, Not, Rule, expression_to_json
from fmn.matching.compiler import checks_in, compile_expression, members_asked_for
from fmn.matching.index import expression_store_builder
from fmn.matching.index.atom_scan import SCANNED_KINDS
from fmn.matching.index.expression_store import ExpressionStore
from fmn.matching.index.expression_store_builder import ExpressionStoreBuilder
from fmn.matching.index.filing import Trait, filing_of, owner_kinds_of
from fmn.matching.index.stored_clauses import stored_clause
from tests.hypothesis_profiles import scaled
from tests.unit.fmn.matching.generated_inputs import RULE_TYPES, expressions

NICKS = st.sampled_from([
    "bob", "mallory", "bob, mallory", ME, f"bob,{ME}", " ", "\u00e9", "x" * 101, '"', "\\"])


def body_of(expression: Expression) -> str:
    return json.dumps(expression_to_json(expression))


def stored(
    bodies: Sequence[str], shared: Collection[int] = (), most_residual: int = 0,
) -> tuple[ExpressionStore, ExpressionStoreBuilder]:
    """A store of bodies with every second number as id, and what built it."""
    builder = ExpressionStoreBuilder(RULE_TYPES, shared, most_residual)
    for place, body in enumerate(bodies):
        builder.add(2 * place, body)
    return builder.finish(), builder


@settings(max_examples=scaled(200))
@given(st.lists(expressions(), max_size=8))
def test_expressions_are_filed_as_if_each_was_compiled(asked: list[Expression]) -> None:
    store, _ = stored([body_of(each) for each in asked])
    clauses = [compile_expression(each, RULE_TYPES) for each in asked]

    for number, clause in enumerate(clauses):
        filing = filing_of(clause)
        assert store.traits(2 * number) == filing.traits
        assert store.clause(2 * number) == clause
        assert all(number in store.reached_by([each]) for each in filing.hashes)
        assert (number in store.residual) == bool(filing.traits & Trait.RESIDUAL)
        assert {kind for kind, _ in filing.keys} <= store.kinds
        for check in checks_in(clause):
            assert 2 * number in store.with_checks([check])
    possible = [clause for clause in clauses if not clause.never]
    assert store.members == frozenset().union(*map(members_asked_for, possible))
    assert store.owner_kinds == frozenset().union(*map(owner_kinds_of, possible))


@given(st.lists(NICKS, min_size=3, max_size=8))
def test_any_arguments_of_one_template_are_filed_as_if_each_was_compiled(nicks: list[str]) -> None:
    # Given filters that differ in arguments, of which some can't be used
    asked = [
        All((Rule.of("user_package_filter", {"fasnick": nick}), Not(Rule.of("user_filter", {"fasnick": ME}))))
        for nick in nicks]
    with capture_logs() as logs:
        store, _ = stored([body_of(each) for each in asked])
        # Then each has the keys and traits that compiling it alone gives
        for number, expression in enumerate(asked):
            filing = filing_of(store.clause(2 * number))
            assert store.clause(2 * number) == stored_clause(2 * number, body_of(expression), RULE_TYPES)
            assert store.traits(2 * number) == filing.traits
            assert all(number in store.reached_by([each]) for each in filing.hashes)
            assert store.columns.body(number) == body_of(expression)
    # And what can't be used is said
    unusable = {2 * number for number, nick in enumerate(nicks) if not nick.strip()}
    assert {entry["expression_id"] for entry in logs} == unusable


PATTERNS = st.sampled_from([
    "^python-", "perl-c.*12", "a", ".", "fern|moss", "fern|", r"\.so$", r"\bmoss", "(?i)FERN", "[0-9]+",
    "\u00e9t\u00e9", "x" * 200])
ABOUT_PATTERNS = st.sampled_from([
    lambda rule: rule, Not, lambda rule: All((rule, Not(Rule("oven_catchall")))),
    lambda rule: All((rule, Rule.of("package_filter", {"package": "php"}))),
    lambda rule: AnyOf((rule, Rule.of("package_filter", {"package": "php"})))])


@settings(max_examples=scaled(200))
@given(
    st.lists(PATTERNS, min_size=3, max_size=6), ABOUT_PATTERNS,
    st.sampled_from(["regex_filter", "package_regex_filter"]))
def test_patterns_of_one_template_are_filed_as_if_each_was_compiled(
    patterns: list[str], expression: Callable[[Rule], Expression], rule: str,
) -> None:
    asked = [expression(Rule.of(rule, {"pattern": pattern})) for pattern in patterns]
    store, _ = stored([body_of(each) for each in asked])

    for number, each in enumerate(asked):
        clause = compile_expression(each, RULE_TYPES)
        filing = filing_of(clause)
        assert store.clause(2 * number) == clause
        assert store.traits(2 * number) == filing.traits
        assert all(number in store.reached_by([one]) for one in filing.hashes)
        assert {key for key in filing.keys if key[0] in SCANNED_KINDS} <= set(store.atom_keys)
        assert all(2 * number in store.with_checks([check]) for check in checks_in(clause))
    assert len(store.filed) == sum(len(filing_of(store.clause(2 * n)).keys) for n in range(len(asked)))


@pytest.mark.parametrize("pattern", [
    "moss(", "moss" + 1_000 * "x{1000}", "moss\\", "[z-a]moss", "moss\ud800"])
def test_a_pattern_that_cant_be_used_is_logged_when_a_message_reaches_it_at_the_latest(pattern: str) -> None:
    with capture_logs() as logs:
        store, _ = stored([body_of(Rule.of("regex_filter", {"pattern": each})) for each in (
            "fern", "moss", pattern)])
        assert store.clause(4).never

    assert {entry["expression_id"] for entry in logs} == {4}


def test_what_is_shared_or_residual_is_compiled_and_not_filed() -> None:
    php, anything = body_of(Rule.of("package_filter", {"package": "php"})), body_of(
        Not(Rule.of("package_filter", {"package": "php"})))
    store, builder = stored([php, anything, php, anything], shared=[0], most_residual=2)

    assert builder.clauses.keys() == store.shared == {0, 2}
    assert [store.columns.ids[number] for number in store.residual] == [6]
    assert store.reached_by(filing_of(builder.clauses[0]).hashes) == {2, 3}


def test_what_is_too_large_says_so_and_never_holds() -> None:
    many = All(tuple(Rule.of("package_filter", {"package": f"p{number}"}) for number in range(501)))
    store, _ = stored([body_of(many)])

    assert "501 rules" in store.too_large[0]
    assert store.clause(0).over == store.too_large[0]
    assert store.traits(0) == Trait.NEVER


def test_more_templates_than_are_told_apart_are_stored_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expression_store_builder, "MAX_TEMPLATES", 2)
    bodies = [body_of(Rule.of("package_filter", {"package": "php"})), body_of(Rule("oven_catchall"))] * 2
    store, _ = stored(bodies)

    assert len(store.columns.templates) == 2
    assert [store.columns.body(number) for number in range(4)] == bodies


def test_what_isnt_stored_is_unknown() -> None:
    store, _ = stored([body_of(Rule("oven_catchall"))])

    assert 0 in store
    assert 1 not in store
    assert store.traits(1) == 0
    assert store.clause(1).never


def test_a_check_that_nobody_asks_is_nobodys() -> None:
    store, _ = stored([body_of(Rule.of("regex_filter", {"pattern": "moss"}))])
    other = CheckCondition("regex_filter", (("pattern", "fern"),), lambda _: True, program=1)

    assert list(store.with_checks([other])) == []
