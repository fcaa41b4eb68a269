"""What the editor's buttons do, and where the keyboard goes on from."""

from __future__ import annotations

import pytest

from fmn.filters.expressions import ME
from fmn.filters.rule_types import rule_types
from webapp.filters.drafts import Draft
from webapp.filters.editor_actions import (
    NO_ROWS,
    SEARCH_ID,
    TEXT_ID,
    TOO_MANY_GROUPS,
    UNREADABLE_TEXT,
    ActionResult,
    RulePlace,
    apply_action,
)
from webapp.filters.rule_groups import MAX_GROUPS, GroupKind, RuleGroup, RuleRow

TYPES = rule_types()
TAG, UNTAG = RuleRow("koji_tag"), RuleRow("koji_untag")
BOTH = Draft("Mine", RuleGroup(parts=(TAG, UNTAG)))
#: A rule, and a group of two.
NESTED = Draft("Mine", RuleGroup(parts=(TAG, RuleGroup(GroupKind.ANY, (TAG, UNTAG)))))


def of(*parts: RuleRow | RuleGroup, kind: GroupKind = GroupKind.ALL) -> Draft:
    return Draft("Mine", RuleGroup(kind, parts))


def test_a_rule_is_added_at_the_end_and_gone_on_from() -> None:
    mine = RuleRow("user_filter", arguments={"fasnick": ME})
    assert apply_action(BOTH, "add", "user_filter", TYPES) == ActionResult(
        of(TAG, UNTAG, mine), "row-2", chosen=True)
    assert apply_action(Draft(text="koji_tag"), "add", "koji_untag", TYPES) == ActionResult(
        Draft(text="koji_tag and koji_untag"), TEXT_ID, chosen=True)


def test_a_rule_is_added_to_a_group_or_as_an_exception() -> None:
    place = RulePlace.of("1")
    assert apply_action(NESTED, "into", "1", TYPES) == ActionResult(
        NESTED, SEARCH_ID, "", place, choosing=True)
    assert apply_action(NESTED, "add", "koji_tag", TYPES, place) == ActionResult(
        of(TAG, RuleGroup(GroupKind.ANY, (TAG, UNTAG, TAG))), "row-4", place=place, chosen=True)
    apart = RulePlace.of("-not")
    assert apply_action(BOTH, "add", "koji_tag", TYPES, apart) == ActionResult(
        of(TAG, UNTAG, RuleRow("koji_tag", wanted=False)), "row-2", place=apart, chosen=True)


def test_a_group_is_made_to_be_filled() -> None:
    assert apply_action(BOTH, "group", "", TYPES) == ActionResult(
        of(TAG, UNTAG, RuleGroup(GroupKind.ANY)), SEARCH_ID, "", RulePlace(2), choosing=True)
    inside = apply_action(NESTED, "group", "1", TYPES)
    assert inside.draft == of(TAG, RuleGroup(GroupKind.ANY, (TAG, UNTAG, RuleGroup(GroupKind.ANY))))
    assert inside.place == RulePlace(4)
    many = of(*[RuleGroup()] * MAX_GROUPS)
    assert apply_action(many, "group", "", TYPES) == ActionResult(
        many, notice=TOO_MANY_GROUPS.format(most=MAX_GROUPS))


@pytest.mark.parametrize(("draft", "which", "left", "focus"), [
    (BOTH, "0", of(UNTAG), "row-0"), (BOTH, "1", of(TAG), "row-0"), (of(TAG), "0", of(), SEARCH_ID),
    (NESTED, "1", of(TAG), "row-0"),
    (NESTED, "2", of(TAG, RuleGroup(GroupKind.ANY, (UNTAG,))), "row-2")])
def test_a_row_or_a_group_is_removed_and_its_neighbour_gone_on_from(
    draft: Draft, which: str, left: Draft, focus: str,
) -> None:
    assert apply_action(draft, "remove", which, TYPES) == ActionResult(left, focus)


def test_an_exception_is_required_instead() -> None:
    assert apply_action(of(TAG, RuleRow("koji_untag", wanted=False)), "require", "1", TYPES) == ActionResult(
        BOTH, "row-1")
    assert apply_action(NESTED, "require", "1", TYPES).draft == NESTED


def test_rows_become_a_text_and_back() -> None:
    text = apply_action(BOTH, "text", "", TYPES)
    assert text == ActionResult(Draft("Mine", text="koji_tag and koji_untag"), TEXT_ID)
    assert apply_action(text.draft, "rows", "", TYPES) == ActionResult(BOTH, "row-0")
    assert apply_action(Draft(text=" "), "rows", "", TYPES) == ActionResult(Draft(), SEARCH_ID)


@pytest.mark.parametrize(("text", "notice"), [
    ("not not koji_tag", NO_ROWS), ("koji_tag or", UNREADABLE_TEXT)])
def test_a_text_that_cannot_be_rows_stays_as_it_is(text: str, notice: str) -> None:
    assert apply_action(Draft(text=text), "rows", "", TYPES) == ActionResult(
        Draft(text=text), TEXT_ID, notice)


@pytest.mark.parametrize(("action", "what"), [
    ("add", "no_such_rule"), ("add", ""), ("remove", "2"), ("remove", "-1"), ("remove", "x"), ("remove", ""),
    ("require", "9"), ("look", ""), ("", ""), ("explode", "1")])
def test_whatever_else_is_pressed_changes_nothing(action: str, what: str) -> None:
    assert apply_action(BOTH, action, what, TYPES) == ActionResult(BOTH)


@pytest.mark.parametrize(("text", "place"), [
    ("", RulePlace()), ("3", RulePlace(3)), ("3-not", RulePlace(3, exceptions=True)),
    ("-not", RulePlace(None, exceptions=True)), ("x", RulePlace()), ("-1", RulePlace())])
def test_a_place_is_read_from_the_form(text: str, place: RulePlace) -> None:
    assert RulePlace.of(text) == place
    assert RulePlace.of(str(place)) == place
