"""A filter's fields: what can be saved, and that nobody has to list them again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from fmn.errors import UserError
from fmn.filters.expressions import Rule
from fmn.filters.models import Filter, StoredExpression
from fmn.filters.spec import FilterSpec

TAGS = Rule("koji_tag")
LATER = datetime(2026, 3, 14, 8, tzinfo=UTC)
BAD = FilterSpec(name=" ", expression=TAGS, hold_minutes=1441)


def test_a_row_gives_back_what_was_written_to_it() -> None:
    spec = FilterSpec(
        name="Tags", expression=TAGS, enabled=False, oneshot=True, hold_minutes=15, snoozed_until=LATER,
        owner_note="Since the mass rebuild")
    row = Filter(stored=StoredExpression(body={"rule": "koji_tag"}), stop_reason="Too much.")

    spec.write_to(row)

    assert FilterSpec.of(row) == spec
    assert row.stop_reason == "Too much."


def test_a_filter_that_is_on_is_not_stopped() -> None:
    row = Filter(stop_reason="Too much.")
    FilterSpec(name="Tags", expression=TAGS).write_to(row)
    assert row.stop_reason is None


def test_every_field_that_cannot_be_saved_is_named() -> None:
    assert [(each.field, str(each)) for each in BAD.problems()] == [
        ("name", "Give the filter a name."),
        ("hold_minutes", "Failures can be held for 1 to 1,440 minutes.")]
    with pytest.raises(UserError, match="Give the filter a name"):
        BAD.normalized()


def test_only_what_changed_has_to_be_as_it_is_saved_today() -> None:
    # Given a filter from before there were limits, when it's switched off
    assert BAD.replaced(enabled=False).normalized(BAD).enabled is False
    with pytest.raises(UserError, match="1 to 1,440 minutes"):
        BAD.replaced(hold_minutes=0).normalized(BAD)


def test_a_misspelt_field_is_an_error() -> None:
    with pytest.raises(ValidationError, match="onshot"):
        BAD.replaced(onshot=True)


@pytest.mark.parametrize(("note", "saved"), [
    (None, None), (" \n ", None), (" For the\r\nmass  rebuild ", "For the mass rebuild"),
    ("x" * 500, "x" * 500)])
def test_a_note_is_one_line_or_none(note: str | None, saved: str | None) -> None:
    assert FilterSpec(name="Tags", owner_note=note).normalized().owner_note == saved


@pytest.mark.parametrize(("note", "sentence"), [
    ("x" * 501, "A note can have 500 characters at most, and this one has 501."),
    ("bell \a", "There is a character in the note that can’t be shown (U+0007)."),
])
def test_a_note_that_cannot_be_shown_is_refused(note: str, sentence: str) -> None:
    (problem,) = FilterSpec(name="Tags", owner_note=note).problems()
    assert (str(problem), problem.field) == (sentence, "owner_note")
