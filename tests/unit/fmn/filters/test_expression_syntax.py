"""Expressions as people read and type them."""

from __future__ import annotations

import re

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


def parsed_or_wrong(text: str) -> tuple[Expression | None, tuple[int, int]]:
    """The expression, or ``None`` and the span of what is wrong."""
    try:
        return parsed(text), (0, 0)
    except ExpressionSyntaxError as error:
        return None, error.span or (-1, -1)


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
    ("koji_tag koji_untag", "unexpected 'koji_untag' at character 10: write \"and\" or \"or\" before it"),
    ("koji_tag adn koji_untag", "unexpected 'adn' at character 10: did you mean \"and\"?"),
    ("koji_tag || and koji_untag", "unexpected 'and' at character 13: a rule is missing before it"),
    ("or koji_tag", "unexpected 'or' at character 1: a rule is missing before it"),
    ("(koji_tag or koji_untag", "the parenthesis at character 1 is never closed"),
    ("koji_tag)", "unexpected ')' at character 9: there is no parenthesis to close"),
    ("(koji_tag and )", "unexpected ')' at character 15: a rule or a value is missing before it"),
    ("package_filter('php')", "unexpected \"'\" at character 16: use double quotation marks"),
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


#: Other ways to write an operator.
ALIASES = {"and": ("AND", "And", "&&"), "or": ("OR", "Or", "||"), "not": ("NOT", "Not", "!")}
OPERATORS_AND_VALUES = re.compile(r'("(?:[^"\\]|\\.)*"|\b(?:and|or|not)\b(?=[ (]))', re.DOTALL)
TYPED = [
    "koji_tag", "package_filter", "and", "OR", "!", "(", ")", "&&", "|", '"', "'", ",", "=", "ñ", "\n", "x"]


@given(EXPRESSIONS, st.data())
def test_operators_may_be_written_as_in_programs(expression: Expression, data: st.DataObject) -> None:
    words = OPERATORS_AND_VALUES.split(printed(expression))
    written = [data.draw(st.sampled_from(ALIASES[word])) if word in ALIASES else word for word in words]
    assert parsed("".join(written)) == expression


@given(st.lists(st.sampled_from(TYPED)))
def test_whatever_is_typed_is_an_expression_or_a_mistake_with_its_place(words: list[str]) -> None:
    text = " ".join(words)
    found, span = parsed_or_wrong(text)
    if found is None:
        start, end = span
        assert 0 <= start <= end <= len(text)
    else:
        assert parsed(printed(found)) == found


def test_a_long_text_that_is_wrong_is_told_of_at_once() -> None:
    for text in ("a" * 25_000 + " " * 24_000 + "$", "(" * 50_000, "a " * 25_000, '\\"' * 25_000):
        with pytest.raises(ExpressionSyntaxError):
            parsed(text)


@pytest.mark.parametrize("operator", ["and", "AND", "Or", "!not"])
def test_a_value_may_be_called_like_an_operator(operator: str) -> None:
    rule = Rule.of("package_filter", {"package": operator})
    assert parsed(printed(rule)) == rule
