from __future__ import annotations

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from fmn.filters.regexes import Pattern
from fmn.filters.word_patterns import MAX_LENGTH, word_pattern
from tests.hypothesis_profiles import scaled

WORDS = ("a", "b", "-", "B", "[ab]", "[0-1]", "a?", "-?", "[ab]?")
OTHERS = ("[1-0]", "a??", "a*", ".", "^", "$", "|", "]")
PARTS = st.one_of(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4),
    st.lists(st.sampled_from(WORDS + OTHERS), max_size=4))
PATTERNS = st.builds(
    "{}{}{}".format, st.sampled_from(["", "^", ".*"]),
    st.lists(PARTS.map("".join), min_size=1, max_size=3).map(".*".join), st.sampled_from(["", ".*"]))


@settings(max_examples=scaled(500))
@given(PATTERNS, st.text("ab-B01\n\N{PILE OF POO}", max_size=10))
def test_words_are_found_as_the_compiled_pattern_finds_them(pattern: str, text: str) -> None:
    options = re2.Options()
    options.log_errors = False
    try:
        found = re2.compile(pattern, options).search(text) is not None
    except re2.error:
        return
    assert Pattern(pattern).search(text.encode()) is found


@pytest.mark.parametrize(("pattern", "words", "anchored"), [
    ("kernel", [[b"kernel"]], False),
    ("^python-?idna.*1", [[b"python-idna", b"pythonidna"], [b"1"]], True),
    ("^python-.*", [[b"python-"]], True),
    ("f4[12].*b[eE]ta", [[b"f41", b"f42"], [b"bEta", b"beta"]], False),
])
def test_words_have_spellings(pattern: str, words: list[list[bytes]], anchored: bool) -> None:
    found = word_pattern(pattern)

    assert found is not None
    assert [list(each) for each in found.words] == words
    assert found.anchored is anchored


@pytest.mark.parametrize("pattern", [
    "", ".*", "^.*a", "a|b", "a.b", "a.*?b", "a+", "(?i)a", "a$", "[^a]", "[a-c]", r"a\.b", "a?", "\u00e9",
    "[ab][ab][ab][ab][ab]", "a" * (MAX_LENGTH + 1)])
def test_what_isnt_words_is_left_to_programs(pattern: str) -> None:
    assert word_pattern(pattern) is None
