"""A filter's form: rows and text, and back, without anything getting lost."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.errors import UserError
from fmn.filters.expression_syntax import ExpressionSyntaxError, parse_expression
from fmn.filters.expressions import ME, All, AnyOf, Expression, Not, Rule
from fmn.filters.rule_types import rule_types
from fmn.filters.spec import FilterSpec
from fmn.matching.linter import MAX_RULES
from webapp.filters.drafts import LONGEST_TEXT, Draft, RuleRow, expression_of, rows_of

TYPES = rule_types()
NAMES = st.sampled_from(["koji_tag", "package_filter", "field", "user_filter", "no_such_rule", "not_so"])
#: What a field of a form holds: a line.
LINES = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=20)
RULES = st.builds(
    Rule.of, NAMES, st.dictionaries(st.sampled_from(["fasnick", "path", "value", "a-b"]), LINES, max_size=3))
LITERALS: st.SearchStrategy[Expression] = RULES | st.builds(Not, RULES)
FLAT: st.SearchStrategy[Expression] = LITERALS | st.builds(
    lambda parts: All(tuple(parts)), st.lists(LITERALS, max_size=5))
ANY: st.SearchStrategy[Expression] = st.recursive(LITERALS, lambda parts: (
    st.builds(Not, parts) | st.builds(lambda some: All(tuple(some)), st.lists(parts, max_size=3))
    | st.builds(lambda some: AnyOf(tuple(some)), st.lists(parts, max_size=3))), max_leaves=6)

TAG, MINE = Rule("koji_tag"), Rule.of("user_filter", {"fasnick": ME})


def alone(expression: Expression) -> Expression:
    """One rule that must be so is that rule."""
    only = isinstance(expression, All) and len(expression.parts) == 1
    return expression.parts[0] if only and isinstance(expression, All) else expression


def fields(draft: Draft) -> Mapping[str, str]:
    """What a browser sends of the draft's form."""
    ticked = {
        name: "true" for name in ("enabled", "oneshot", "was_enabled", "was_oneshot") if getattr(draft, name)}
    shape = {"shape": "rows"} if draft.text is None else {
        "shape": "text", "text": draft.text.replace("\n", "\r\n")}
    version = {} if draft.version is None else {"version": str(draft.version)}
    rows = chain.from_iterable((
        (f"rule-{number}", row.rule), (f"holds-{number}", "yes" if row.wanted else "no"),
        *((f"with-{number}-{name}", value) for name, value in row.arguments.items()),
    ) for number, row in enumerate(draft.rows))
    named = {"name": draft.name, "delay": draft.delay, "was_delay": draft.was_delay, "note": draft.note}
    return {**named, **ticked, **shape, **version, **dict(rows), "csrf_token": "x", "search": "y"}


@given(FLAT)
def test_what_must_all_be_so_is_rows_and_the_same_again(expression: Expression) -> None:
    rows = rows_of(expression)

    assert rows is not None
    assert expression_of(rows) == alone(expression)
    assert rows_of(expression_of(rows)) == rows


@given(ANY)
def test_an_expression_goes_through_the_form_and_is_the_same(expression: Expression) -> None:
    saved = FilterSpec(name="Mine", expression=expression, enabled=False, oneshot=True, hold_minutes=15,
        owner_note="Why")
    draft = Draft.of_saved(saved, 7, TYPES)

    typed = Draft.from_form(fields(draft))

    assert typed == draft
    assert typed.expression(TYPES) == (expression if rows_of(expression) is None else alone(expression))


@given(ANY)
def test_text_and_rows_say_the_same(expression: Expression) -> None:
    draft = Draft.of("", expression, TYPES)
    text = draft.as_text(TYPES)
    again = text.as_rows(TYPES)

    if draft.empty:
        assert text.empty
    else:
        assert text.expression(TYPES) == draft.expression(TYPES)
        assert again == (None if draft.rows == () else draft)


@pytest.mark.parametrize("expression", [
    AnyOf((TAG, MINE)), All((TAG, AnyOf((TAG, MINE)))), Not(All((TAG, MINE))), Not(Not(TAG)), AnyOf(()),
    Rule.of("regex_filter", {"pattern": "two\nlines"}),
])
def test_what_rows_cannot_say_stays_a_text(expression: Expression) -> None:
    draft = Draft.of("", expression, TYPES)

    assert rows_of(expression) is None
    assert draft.text is not None
    assert draft.as_rows(TYPES) is None
    assert Draft.from_form(fields(draft)).expression(TYPES) == expression


class TestAForm:
    @pytest.mark.parametrize("form", [
        {}, {"shape": "rows", "rule-x": "koji_tag", "rule-": "a", "rule-007": "b", "with-0-fasnick": "mary"},
        {"shape": "nonsense", "text": "koji_tag", "version": "many", "with-": "", "with-1": "x"},
    ])
    def test_that_we_did_not_make_asks_nothing(self, form: Mapping[str, str]) -> None:
        assert Draft.from_form(form) == Draft(enabled=False, was_enabled=False)

    def test_keeps_its_rows_in_their_order_whatever_their_numbers(self) -> None:
        form = {f"rule-{number}": f"r{number}" for number in (10, 9, 3)}
        draft = Draft.from_form({**form, "with-9-a-b": "x", "holds-3": "no"})
        assert draft.rows == (
            RuleRow("r3", wanted=False), RuleRow("r9", arguments={"a-b": "x"}), RuleRow("r10"))

    def test_has_no_more_rows_than_are_needed_to_say_that_there_are_too_many(self) -> None:
        form = {f"rule-{number}": "koji_tag" for number in range(MAX_RULES + 100)}
        assert len(Draft.from_form(form).rows) == MAX_RULES + 1

    def test_with_too_long_a_text_is_refused_in_a_sentence(self) -> None:
        with pytest.raises(ExpressionSyntaxError, match="has 20,001 characters, and the limit is 20,000"):
            Draft(text="x" * (LONGEST_TEXT + 1)).expression(TYPES)


class TestANewRule:
    def test_is_about_me_where_it_is_about_somebody(self) -> None:
        draft = Draft().with_rule(TYPES.by_name["user_filter"], TYPES)
        assert draft.rows == (RuleRow("user_filter", arguments={"fasnick": ME}),)

    @pytest.mark.parametrize(("text", "expected"), [
        ("  ", "koji_untag"),
        ("koji_tag", "koji_tag and koji_untag"),
        ("koji_tag or git_receive", "(koji_tag or git_receive) and koji_untag"),
        ("koji_tag and (", "koji_tag and ( and koji_untag"),
    ])
    def test_is_joined_to_a_text(self, text: str, expected: str) -> None:
        assert Draft(text=text).with_rule(TYPES.by_name["koji_untag"], TYPES).text == expected


def test_a_filter_without_a_name_is_called_after_its_rules() -> None:
    expression = parse_expression("user_package_filter(@me) and not koji_tag", TYPES)

    assert Draft.of(" ", expression, TYPES).named(TYPES).name == "About my packages, but not “Build tagged”"
    assert Draft.of("Mine", expression, TYPES).named(TYPES).name == "Mine"


@pytest.mark.parametrize(("typed", "minutes"), [("", None), (" 15 ", 15), ("1440", 1440)])
def test_failures_are_held_for_the_minutes_that_were_typed(typed: str, minutes: int | None) -> None:
    assert Draft.from_form({"delay": typed}).hold_minutes == minutes


@pytest.mark.parametrize(("typed", "sentence"), [
    ("soon", "Enter the minutes as a number, or leave this empty."),
    ("1.5", "Enter the minutes as a number, or leave this empty."),
    ("0", "Failures can be held for 1 to 1,440 minutes."),
    ("1441", "Failures can be held for 1 to 1,440 minutes."),
])
def test_failures_are_not_held_for_anything_else(typed: str, sentence: str) -> None:
    with pytest.raises(UserError) as refused:
        _ = Draft.from_form({"delay": typed}).hold_minutes
    assert (str(refused.value), refused.value.field) == (sentence, "hold_minutes")
