"""Expressions as people read and type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.filters.expression_syntax import ExpressionSyntaxError, parse_expression, print_expression
from fmn.filters.expressions import MAX_DEPTH, ME, All, AnyOf, Expression, Not, Rule
from fmn.filters.rule_types import rule_types

KEYWORDS = {"and", "or", "not", "all", "any"}
NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True).filter(lambda name: name not in KEYWORDS)
RULES = st.builds(Rule.of, NAMES, st.dictionaries(NAMES, st.text(), max_size=3)) | st.builds(
    lambda package: Rule.of("package_filter", {"package": package}), st.text())
EXPRESSIONS: st.SearchStrategy[Expression] = st.recursive(
    RULES,
    lambda parts: (
        st.builds(Not, parts)
        | st.builds(lambda some: All(tuple(some)), st.lists(parts, max_size=3))
        | st.builds(lambda some: AnyOf(tuple(some)), st.lists(parts, max_size=3))
    ),
    max_leaves=10,
)


def printed(expression: Expression) -> str:
    return print_expression(expression, rule_types())


def parsed(text: str) -> Expression:
    return parse_expression(text, rule_types())


def test_a_text_that_is_too_long_is_not_read() -> None:
    with pytest.raises(ExpressionSyntaxError, match="50,000 characters at most"):
        parsed("a and " * 10_000)


@given(EXPRESSIONS)
def test_what_is_printed_reads_back_the_same(expression: Expression) -> None:
    assert parsed(printed(expression)) == expression


def test_a_filter_reads_like_a_sentence() -> None:
    expression = All((
        Rule.of("user_package_filter", {"fasnick": ME}),
        Not(AnyOf((Rule("koji_tag"), Rule("koji_untag")))),
        Rule.of("package_regex_filter", {"pattern": "^python3? "}),
    ))

    text = 'user_package_filter(@me) and not (koji_tag or koji_untag) and package_regex_filter("^python3? ")'
    assert printed(expression) == text
    assert parsed(text) == expression


def test_and_binds_closer_than_or() -> None:
    assert parsed("koji_tag or koji_untag and koji_rpm_sign") == AnyOf((
        Rule("koji_tag"), All((Rule("koji_untag"), Rule("koji_rpm_sign")))))


def test_a_rule_whose_name_begins_like_a_keyword_is_a_rule() -> None:
    assert parsed("not android_or_anything") == Not(Rule("android_or_anything"))


@pytest.mark.parametrize(("text", "problem"), [
    ("", "the text ends too early: a rule, a value or a parenthesis is missing"),
    ("koji_tag and", "the text ends too early: a rule, a value or a parenthesis is missing"),
    ("koji_tag koji_untag", "unexpected 'koji_untag' at character 10"),
    ('package_filter("php)', "the quotation mark at character 16 is never closed"),
    ("koji_tag and $", "unexpected '$' at character 14"),
    ("koji_tag & koji_untag", "unexpected '&' at character 10: use \"and\""),
    ("field(path=a, path=b)", "field: name each argument once, as in field(name=value, …)"),
    ("field(a, b)", "field: name each argument once, as in field(name=value, …)"),
])
def test_a_mistake_is_told_with_its_place(text: str, problem: str) -> None:
    with pytest.raises(ExpressionSyntaxError) as caught:
        parsed(text)
    assert str(caught.value) == problem


@pytest.mark.parametrize("text", [
    f"{'not ' * (MAX_DEPTH + 1)}koji_tag", f"{'not ' * 10_000}koji_tag",
    f"{'all(not ' * 4_000}koji_tag{')' * 4_000}"])
def test_too_deep_an_expression_is_refused(text: str) -> None:
    with pytest.raises(ExpressionSyntaxError, match="can't be nested deeper than 50 levels"):
        parsed(text)


def test_parentheses_that_mean_nothing_are_no_levels() -> None:
    assert parsed(f"{'(' * 1_000}koji_tag{')' * 1_000}") == Rule("koji_tag")
    assert isinstance(parsed(f"{'not ' * MAX_DEPTH}koji_tag"), Not)
