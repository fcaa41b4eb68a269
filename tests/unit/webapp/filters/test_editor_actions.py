"""What the editor's buttons do, and where the keyboard goes on from."""

from __future__ import annotations

import pytest

from fmn.filters.expressions import ME
from fmn.filters.rule_types import rule_types
from webapp.filters.drafts import Draft, Row
from webapp.filters.editor_actions import NO_ROWS, SEARCH, TEXT, UNREADABLE, Turned, turned

TYPES = rule_types()
TAG, UNTAG = Row("koji_tag"), Row("koji_untag")
BOTH = Draft("Mine", (TAG, UNTAG))


def test_a_rule_is_added_at_the_end_and_gone_on_from() -> None:
    mine = Row("user_filter", arguments={"fasnick": ME})
    assert turned(BOTH, "add", "user_filter", TYPES) == Turned(Draft("Mine", (TAG, UNTAG, mine)), "row-2")
    assert turned(Draft(text="koji_tag"), "add", "koji_untag", TYPES) == Turned(
        Draft(text="koji_tag and koji_untag"), TEXT)


@pytest.mark.parametrize(("draft", "which", "left", "focus"), [
    (BOTH, "0", (UNTAG,), "row-0"), (BOTH, "1", (TAG,), "row-0"), (Draft("Mine", (TAG,)), "0", (), SEARCH)])
def test_a_row_is_removed_and_its_neighbour_gone_on_from(
    draft: Draft, which: str, left: tuple[Row, ...], focus: str,
) -> None:
    assert turned(draft, "remove", which, TYPES) == Turned(Draft("Mine", left), focus)


def test_rows_become_a_text_and_back() -> None:
    text = turned(BOTH, "text", "", TYPES)
    assert text == Turned(Draft("Mine", text="koji_tag and koji_untag"), TEXT)
    assert turned(text.draft, "rows", "", TYPES) == Turned(BOTH, "row-0")
    assert turned(Draft(text=" "), "rows", "", TYPES) == Turned(Draft(), SEARCH)


@pytest.mark.parametrize(("text", "notice"), [
    ("koji_tag or koji_untag", NO_ROWS), ("koji_tag or", UNREADABLE)])
def test_a_text_that_cannot_be_rows_stays_as_it_is(text: str, notice: str) -> None:
    assert turned(Draft(text=text), "rows", "", TYPES) == Turned(Draft(text=text), TEXT, notice)


@pytest.mark.parametrize(("action", "what"), [
    ("add", "no_such_rule"), ("add", ""), ("remove", "2"), ("remove", "-1"), ("remove", "x"), ("remove", ""),
    ("look", ""), ("", ""), ("explode", "1")])
def test_whatever_else_is_pressed_changes_nothing(action: str, what: str) -> None:
    assert turned(BOTH, action, what, TYPES) == Turned(BOTH)
