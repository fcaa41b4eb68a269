"""What the editor's buttons do, and where the keyboard goes on from."""

from __future__ import annotations

import pytest

from fmn.filters.expressions import ME
from fmn.filters.rule_types import rule_types
from webapp.filters.drafts import Draft, RuleRow
from webapp.filters.editor_actions import (
    NO_ROWS,
    SEARCH_ID,
    TEXT_ID,
    UNREADABLE_TEXT,
    ActionResult,
    apply_action,
)

TYPES = rule_types()
TAG, UNTAG = RuleRow("koji_tag"), RuleRow("koji_untag")
BOTH = Draft("Mine", (TAG, UNTAG))


def test_a_rule_is_added_at_the_end_and_gone_on_from() -> None:
    mine = RuleRow("user_filter", arguments={"fasnick": ME})
    assert apply_action(BOTH, "add", "user_filter", TYPES) == ActionResult(
        Draft("Mine", (TAG, UNTAG, mine)), "row-2")
    assert apply_action(Draft(text="koji_tag"), "add", "koji_untag", TYPES) == ActionResult(
        Draft(text="koji_tag and koji_untag"), TEXT_ID)


@pytest.mark.parametrize(("draft", "which", "left", "focus"), [
    (BOTH, "0", (UNTAG,), "row-0"), (BOTH, "1", (TAG,), "row-0"),
    (Draft("Mine", (TAG,)), "0", (), SEARCH_ID)])
def test_a_row_is_removed_and_its_neighbour_gone_on_from(
    draft: Draft, which: str, left: tuple[RuleRow, ...], focus: str,
) -> None:
    assert apply_action(draft, "remove", which, TYPES) == ActionResult(Draft("Mine", left), focus)


def test_rows_become_a_text_and_back() -> None:
    text = apply_action(BOTH, "text", "", TYPES)
    assert text == ActionResult(Draft("Mine", text="koji_tag and koji_untag"), TEXT_ID)
    assert apply_action(text.draft, "rows", "", TYPES) == ActionResult(BOTH, "row-0")
    assert apply_action(Draft(text=" "), "rows", "", TYPES) == ActionResult(Draft(), SEARCH_ID)


@pytest.mark.parametrize(("text", "notice"), [
    ("koji_tag or koji_untag", NO_ROWS), ("koji_tag or", UNREADABLE_TEXT)])
def test_a_text_that_cannot_be_rows_stays_as_it_is(text: str, notice: str) -> None:
    assert apply_action(Draft(text=text), "rows", "", TYPES) == ActionResult(
        Draft(text=text), TEXT_ID, notice)


@pytest.mark.parametrize(("action", "what"), [
    ("add", "no_such_rule"), ("add", ""), ("remove", "2"), ("remove", "-1"), ("remove", "x"), ("remove", ""),
    ("look", ""), ("", ""), ("explode", "1")])
def test_whatever_else_is_pressed_changes_nothing(action: str, what: str) -> None:
    assert apply_action(BOTH, action, what, TYPES) == ActionResult(BOTH)
