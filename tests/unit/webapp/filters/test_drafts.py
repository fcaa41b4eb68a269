"""A filter's form: rows and text, and back, without anything getting lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fmn.errors import UserError
from fmn.filters.expression_syntax import ExpressionSyntaxError, parse_expression
from fmn.filters.expressions import ME, All, AnyOf, Expression, Not, Rule
from fmn.filters.rule_types import rule_types
from fmn.filters.spec import FilterSpec
from fmn.matching.linter import MAX_RULES
from webapp.filters.drafts import LONGEST_TEXT, Draft
from webapp.filters.rule_groups import (
    MAX_GROUPS,
    MAX_LEVELS,
    GroupKind,
    RuleGroup,
    RuleRow,
    expression_of,
    group_of,
    nodes_of,
)

TYPES = rule_types()
NAMES = st.sampled_from(["koji_tag", "package_filter", "field", "user_filter", "no_such_rule", "not_so"])
#: What a field of a form holds: a line.
LINES = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=20)
RULES = st.builds(
    Rule.of, NAMES, st.dictionaries(st.sampled_from(["fasnick", "path", "value", "a-b"]), LINES, max_size=3))
LITERALS: st.SearchStrategy[Expression] = RULES | st.builds(Not, RULES)
ANY: st.SearchStrategy[Expression] = st.recursive(LITERALS, lambda parts: (
    st.builds(Not, parts) | st.builds(lambda some: All(tuple(some)), st.lists(parts, max_size=3))
    | st.builds(lambda some: AnyOf(tuple(some)), st.lists(parts, max_size=3))), max_leaves=6)
ROWS = st.builds(
    RuleRow, NAMES, st.booleans(),
    st.dictionaries(st.sampled_from(["fasnick", "path", "value", "a-b"]), LINES, max_size=3))
GROUPS: st.SearchStrategy[RuleGroup] = st.deferred(lambda: st.builds(
    RuleGroup, st.sampled_from(GroupKind), st.lists(ROWS | GROUPS, max_size=3).map(tuple)))

TAG, MINE = Rule("koji_tag"), Rule.of("user_filter", {"fasnick": ME})


def nested(levels: int) -> Expression:
    """Alternatives within conjunctions within alternatives."""
    inner: Expression = TAG
    for _ in range(levels):
        inner = All((MINE, AnyOf((TAG, inner))))
    return inner


def alone(expression: Expression) -> Expression:
    """One rule that must be so is that rule, and so is its negation; a group in a group stays one."""
    if isinstance(expression, All) and len(expression.parts) == 1:
        [only] = expression.parts
        if isinstance(only.part if isinstance(only, Not) else only, Rule):
            return only
    return expression


def fields(draft: Draft) -> Mapping[str, str]:
    """What a browser sends of the draft's form."""
    ticked = {
        name: "true" for name in ("enabled", "oneshot", "was_enabled", "was_oneshot") if getattr(draft, name)}
    shape = {"shape": "rows"} if draft.text is None else {
        "shape": "text", "text": draft.text.replace("\n", "\r\n")}
    version = {} if draft.version is None else {"version": str(draft.version)}
    named = {
        "name": draft.name, "delay": draft.delay, "was_delay": draft.was_delay, "note": draft.note,
        "began": draft.began}
    return {
        **named, **ticked, **shape, **version, **dict(nodes(draft.root)), "csrf_token": "x", "search": "y"}


def nodes(root: RuleGroup) -> Iterator[tuple[str, str]]:
    """The fields of rows and groups."""
    yield "match", root.kind
    for number, (parent, item) in nodes_of(root).items():
        yield f"under-{number}", "" if parent is None else str(parent)
        if isinstance(item, RuleRow):
            yield f"rule-{number}", item.rule
            yield f"holds-{number}", "yes" if item.wanted else "no"
            yield from ((f"with-{number}-{name}", value) for name, value in item.arguments.items())
        else:
            yield f"group-{number}", item


def levels(group: RuleGroup) -> int:
    return max([0, *(1 + levels(part) for part in group.parts if isinstance(part, RuleGroup))])


@given(GROUPS)
def test_groups_go_through_the_form_and_are_the_same(root: RuleGroup) -> None:
    assume(levels(root) <= MAX_LEVELS)

    typed = Draft.from_form(fields(Draft(root=root)))

    assert typed.root == root


@given(GROUPS)
def test_groups_are_an_expression_and_the_same_groups_again(root: RuleGroup) -> None:
    assume(levels(root) <= MAX_LEVELS)

    assert group_of(expression_of(root)) == root


@given(ANY)
def test_an_expression_goes_through_the_form_and_is_the_same(expression: Expression) -> None:
    saved = FilterSpec(name="Mine", expression=expression, enabled=False, oneshot=True, hold_minutes=15,
        owner_note="Why")
    draft = Draft.of_saved(saved, 7, TYPES)

    typed = Draft.from_form(fields(draft))

    assert typed == draft
    assert typed.expression(TYPES) == (expression if group_of(expression) is None else alone(expression))


@given(ANY)
def test_text_and_rows_say_the_same(expression: Expression) -> None:
    draft = Draft.of("", expression, TYPES)
    text = draft.as_text(TYPES)
    again = text.as_rows(TYPES)

    if draft.empty:
        assert text.empty
    else:
        assert text.expression(TYPES) == draft.expression(TYPES)
        assert again == (None if draft.text is not None else draft)


@pytest.mark.parametrize("expression", [
    Not(Not(TAG)), All((TAG, Not(Not(MINE)))), Rule.of("regex_filter", {"pattern": "two\nlines"}),
    nested(MAX_LEVELS),
    All(tuple(AnyOf((TAG, MINE)) for _ in range(MAX_GROUPS + 1))),
])
def test_what_rows_cannot_say_stays_a_text(expression: Expression) -> None:
    draft = Draft.of("", expression, TYPES)

    assert group_of(expression) is None
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
        assert draft.root.parts == (
            RuleRow("r3", wanted=False), RuleRow("r9", arguments={"a-b": "x"}), RuleRow("r10"))

    def test_has_no_circles_and_no_groups_in_rows(self) -> None:
        form = {
            "group-0": "any", "under-0": "1", "group-1": "all", "under-1": "1", "rule-2": "a", "under-2": "3",
            "rule-3": "b", "under-3": "0", "rule-4": "c", "under-4": "99", "group-5": "nonsense",
            "under-5": "0"}
        assert Draft.from_form(form).root.parts == (
            RuleGroup(GroupKind.ANY, (RuleRow("b"), RuleGroup())), RuleGroup(), RuleRow("a"), RuleRow("c"))

    def test_has_groups_that_are_too_deep_beside_the_others(self) -> None:
        form = {f"group-{number}": "any" for number in range(1_000)}
        root = Draft.from_form(form | {f"under-{number}": str(number - 1) for number in range(1, 1_000)}).root
        assert levels(root) == MAX_LEVELS
        assert sum(not isinstance(node.item, RuleRow) for node in nodes_of(root).values()) == MAX_GROUPS

    def test_keeps_exceptions_when_its_rules_become_alternatives(self) -> None:
        form = {"match": "any", "rule-0": "a", "rule-1": "b", "rule-2": "c", "holds-2": "no",
                "excepted-2": "true"}
        assert Draft.from_form(form).root == RuleGroup(GroupKind.ALL, (
            RuleGroup(GroupKind.ANY, (RuleRow("a"), RuleRow("b"))), RuleRow("c", wanted=False)))

    def test_has_no_more_rows_than_are_needed_to_say_that_there_are_too_many(self) -> None:
        form = {f"rule-{number}": "koji_tag" for number in range(MAX_RULES + 100)}
        assert len(Draft.from_form(form).root.parts) == MAX_RULES + 1

    def test_with_too_long_a_text_is_refused_in_a_sentence(self) -> None:
        with pytest.raises(ExpressionSyntaxError, match="has 20,001 characters, and the limit is 20,000"):
            Draft(text="x" * (LONGEST_TEXT + 1)).expression(TYPES)


class TestANewRule:
    def test_is_about_me_where_it_is_about_somebody(self) -> None:
        draft, number = Draft().with_rule(TYPES.by_name["user_filter"], TYPES)
        assert (draft.root.parts, number) == ((RuleRow("user_filter", arguments={"fasnick": ME}),), 0)

    def test_is_complete_where_there_are_few_choices(self) -> None:
        draft, _ = Draft().with_rule(TYPES.by_name["severity"], TYPES)
        assert draft.root.parts == (RuleRow("severity", arguments={"severity": "warning"}),)

    def test_is_at_the_end_of_its_group(self) -> None:
        root = RuleGroup(parts=(RuleRow("a"), RuleGroup(GroupKind.ANY, (RuleRow("b"),)), RuleRow("c")))
        draft, number = Draft(root=root).with_rule(TYPES.by_name["koji_tag"], TYPES, 1, wanted=False)
        assert number == 3
        assert draft.root == RuleGroup(parts=(
            RuleRow("a"), RuleGroup(GroupKind.ANY, (RuleRow("b"), RuleRow("koji_tag", wanted=False))),
            RuleRow("c")))

    @pytest.mark.parametrize(("text", "expected"), [
        ("  ", "koji_untag"),
        ("koji_tag", "koji_tag and koji_untag"),
        ("koji_tag or git_receive", "(koji_tag or git_receive) and koji_untag"),
        ("koji_tag and (", "koji_tag and ( and koji_untag"),
    ])
    def test_is_joined_to_a_text(self, text: str, expected: str) -> None:
        assert Draft(text=text).with_rule(TYPES.by_name["koji_untag"], TYPES)[0].text == expected


def test_a_filter_without_a_name_is_called_after_its_rules() -> None:
    expression = parse_expression("user_package_filter(@me) and not koji_tag", TYPES)

    assert Draft.of(" ", expression, TYPES).named(TYPES).name == "About my packages, with exceptions"
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


@given(ANY, ANY)
def test_something_is_lost_if_the_rules_are_others_but_not_if_they_are_shown_otherwise(
    one: Expression, other: Expression,
) -> None:
    draft = Draft.of("Mine", one, TYPES)
    same = alone(one) == alone(other)

    assert draft.as_text(TYPES).fingerprint(TYPES) == draft.fingerprint(TYPES)
    assert (Draft.of("Mine", other, TYPES).fingerprint(TYPES) == draft.fingerprint(TYPES)) == (
        same or (draft.empty and Draft.of("Mine", other, TYPES).empty))
