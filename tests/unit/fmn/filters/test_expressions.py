from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.filters.expressions import (
    MAX_DEPTH,
    ME,
    All,
    AnyOf,
    Expression,
    MalformedExpressionError,
    Not,
    Rule,
    expression_digest,
    expression_from_json,
    expression_to_json,
    rules_in,
    with_me,
)


def expressions() -> st.SearchStrategy[Expression]:
    """Expressions of any rules with any arguments, be they known or not."""
    rules: st.SearchStrategy[Expression] = st.builds(
        Rule.of, st.text(), st.dictionaries(st.text(), st.text(), max_size=3))
    return st.recursive(rules, lambda parts: st.one_of(
        parts.map(Not),
        st.lists(parts, max_size=3).map(tuple).map(All),
        st.lists(parts, max_size=3).map(tuple).map(AnyOf),
    ), max_leaves=10)


SEVERAL = All((
    Rule.of("user_package_filter", {"fasnick": ME}),
    Not(AnyOf((Rule("koji_tag"), Rule.of("koji_instance", {"instance": "ppc,s390,arm"})))),
))


@given(expressions())
def test_an_expression_comes_back_from_json(expression: Expression) -> None:
    text = json.dumps(expression_to_json(expression))

    assert expression_from_json(json.loads(text)) == expression


def test_json_is_what_an_api_would_take() -> None:
    assert expression_to_json(SEVERAL) == {"all": [
        {"rule": "user_package_filter", "with": {"fasnick": "@me"}},
        {"not": {"any": [
            {"rule": "koji_tag"}, {"rule": "koji_instance", "with": {"instance": "ppc,s390,arm"}}]}},
    ]}


@given(expressions(), expressions())
def test_the_digest_tells_expressions_apart(one: Expression, other: Expression) -> None:
    assert (expression_digest(one) == expression_digest(other)) == (one == other)


def test_the_digest_is_the_one_under_which_databases_know_an_expression() -> None:
    # It mustn't change: what's stored would be stored a second time.
    assert expression_digest(SEVERAL) == "a4df0f983fad98e99420c48b7598a2a7ecfd295145d285485773473f153f6ba7"
    assert expression_digest(Rule.of("a", {"x": "1", "y": "2"})) == expression_digest(
        Rule.of("a", {"y": "2", "x": "1"}))


@pytest.mark.parametrize("value", [
    None, [], {}, "koji_tag", {"rule": 1}, {"rule": "a", "with": None}, {"rule": "a", "with": {"x": 1}},
    {"rule": "a", "with": {}, "more": 1}, {"all": {}}, {"all": [None]}, {"any": "x"}, {"not": {}},
    {"not": {"rule": "a"}, "all": []}, {"xor": []},
])
def test_other_json_is_refused_in_a_sentence(value: Any) -> None:
    with pytest.raises(MalformedExpressionError, match=r"^no expression: |arguments must be texts by name: "):
        expression_from_json(value)


def nested(depth: int) -> Any:
    value: Any = {"rule": "a"}
    for _ in range(depth):
        value = {"not": value}
    return value


def test_too_deep_an_expression_is_refused_in_a_sentence() -> None:
    assert isinstance(expression_from_json(nested(MAX_DEPTH)), Not)
    for depth in (MAX_DEPTH + 1, 100_000):
        with pytest.raises(MalformedExpressionError, match="nested deeper than 50 levels"):
            expression_from_json(nested(depth))


def test_rules_are_found_in_reading_order() -> None:
    assert [rule.name for rule in rules_in(SEVERAL)] == ["user_package_filter", "koji_tag", "koji_instance"]


class TestPersonal:
    @pytest.mark.parametrize(("typed", "stored"), [
        ("ralph", "@me"),
        (" ralph ", "@me"),
        ("bob, ralph,carol", "bob,@me,carol"),
        ("ralphina", "ralphina"),
        ("@me", "@me"),
        ("Ralph", "Ralph"),
    ])
    def test_turns_the_owner_into_me(self, typed: str, stored: str) -> None:
        rule = Rule.of("not_user_filter", {"fasnick": typed})

        assert with_me(rule, "ralph") == Rule.of("not_user_filter", {"fasnick": stored})

    def test_leaves_alone_what_only_looks_like_the_owner(self) -> None:
        rule = Rule.of("package_filter", {"package": "ralph"})

        assert with_me(rule, "ralph") == rule

    def test_makes_everyones_filter_the_same(self) -> None:
        def filter_of(nick: str) -> Expression:
            hers = Rule.of("user_filter", {"fasnick": nick})
            return AnyOf((Not(hers), All((hers, Rule("koji_tag")))))

        assert with_me(filter_of("alice"), "alice") == with_me(filter_of("bob"), "bob") == filter_of(ME)
