from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.text import (
    bullets,
    capital,
    first_line,
    join_series,
    labelled,
    lines,
    one_line,
    paragraphs,
    pluralize,
    quoted,
    sentence,
    shorten,
    split_list,
)


@pytest.mark.parametrize(("text", "expected"), [
    ("", ""),
    ("  a \r\n\t b ", "a b"),
    ("\x00a\x1b[31m \x02b\x7f", "a[31m b"),
    ("half a pair \ud83d", "half a pair"),
    ("turned \u202earound", "turned around"),
    ("Ärger 🌳", "Ärger 🌳"),
])
def test_one_line_leaves_out_what_nobody_can_see(text: str, expected: str) -> None:
    assert one_line(text) == expected


@given(st.text())
def test_one_line_is_one_printable_line(text: str) -> None:
    line = one_line(text)

    assert len(line.splitlines()) <= 1
    assert line == line.strip()
    assert one_line(line) == line
    line.encode()


def test_lines_keeps_lines_and_what_they_begin_with() -> None:
    assert lines("\n\n  if wet:\r\n\tgrow()  \n\n\x07do\x1fne\n\n") == "  if wet:\n\tgrow()\n\ndone"


@pytest.mark.parametrize(("text", "expected"), [
    ("Too dry", "Too dry"),
    ("Too dry on the south side", "Too dry on…"),
    ("Toodryonthesouthside", "Toodryonthe…"),
])
def test_shorten_cuts_between_words_if_it_can(text: str, expected: str) -> None:
    assert shorten(text, 12) == expected


@given(st.text(), st.integers(2, 20))
def test_shorten_never_gives_more_than_asked_for(text: str, length: int) -> None:
    assert len(shorten(text, length)) <= length


def test_words_of_somebody_are_quoted_and_none_are_not() -> None:
    assert quoted("Works\nhere") == '"Works here"'
    assert quoted(" \n") == ""


def test_the_first_line_of_a_commit_message() -> None:
    assert first_line("\n  Grow faster \n\nIt was too slow.") == "Grow faster"
    assert first_line("") == ""


@pytest.mark.parametrize(("items", "expected"), [
    ([], ""),
    (["moss"], "moss"),
    (["moss", "", "lichen"], "moss and lichen"),
    (["moss", "lichen", "fern"], "moss, lichen and fern"),
    (["moss", "lichen", "fern", "oak", "elm"], "moss, lichen, fern and 2 more"),
])
def test_a_series_names_a_few_and_counts_the_rest(items: list[str], expected: str) -> None:
    assert join_series(items) == expected


@pytest.mark.parametrize(("number", "expected"), [
    (0, "0 commits"), (1, "1 commit"), (2, "2 commits"), (1.0, "1 commit"), (2.5, "2.5 commits"),
])
def test_things_are_counted(number: float, expected: str) -> None:
    assert pluralize(number, "commit") == expected


def test_things_are_counted_in_their_own_plural() -> None:
    assert pluralize(2, "repository", "repositories") == "2 repositories"


def test_text_in_blocks_leaves_out_what_is_empty() -> None:
    assert bullets(["a", "", "b"]) == "- a\n- b"
    assert labelled(Built_by="mary", Task="") == "Built by: mary"
    assert paragraphs("a\n", "", " \n", "b") == "a\n\nb"


def test_an_argument_may_list_several_values() -> None:
    assert split_list(" primary, arm,, ") == ["primary", "arm"]


@pytest.mark.parametrize(("text", "expected"), [
    ("the live feed", "The live feed"), ("élan", "Élan"), ("", "")])
def test_a_capital_comes_in_front_and_the_rest_stays(text: str, expected: str) -> None:
    assert capital(text) == expected
    assert capital(f"{text} of IRC").endswith(" of IRC")


@pytest.mark.parametrize(("text", "expected"), [
    ("there is none", "There is none."), ("did you mean moss?", "Did you mean moss?")])
def test_a_sentence_begins_and_ends_as_one(text: str, expected: str) -> None:
    assert sentence(text) == expected
