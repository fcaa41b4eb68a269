from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fmn.delivery.irc.line_splitting import LONGEST_LINE, limit_lines, size, wrap_words

WORDS = st.lists(st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1))


@given(WORDS)
def test_no_line_is_too_long_and_nothing_is_lost(words: list[str]) -> None:
    lines = wrap_words(words)
    assert all(0 < size(line) <= LONGEST_LINE for line in lines)
    assert "".join(lines).replace(" ", "") == "".join(words)


@given(WORDS)
def test_there_are_no_more_lines_than_needed(words: list[str]) -> None:
    lines = wrap_words(words)
    for line, following in pairwise(lines):
        assert size(line) + 1 + size(following.partition(" ")[0]) > LONGEST_LINE


def test_a_word_longer_than_a_line_is_divided_between_characters() -> None:
    assert wrap_words(["é" * LONGEST_LINE]) == ["é" * (LONGEST_LINE // 2)] * 2


def test_too_many_lines_end_with_one_that_says_so() -> None:
    assert limit_lines(["a", "b", "c"], 3, "and more") == ["a", "b", "c"]
    assert limit_lines(["a", "b", "c", "d"], 3, "and more") == ["a", "b", "and more"]
