from __future__ import annotations

import re

import pytest
import re2
from hypothesis import given, settings

from fmn.filters.regexes import (
    COMPILE_MEMORY,
    MAX_PROGRAM_SIZE,
    MAX_SEARCH_STEPS,
    MIN_PATTERN_MEMORY,
    Pattern,
    PatternCache,
    TooLongToSearchError,
)
from fmn.filters.rule_definition import RuleError
from tests.hypothesis_profiles import scaled
from tests.unit.fmn.filters.test_required_atoms import patterns_and_texts

#: A pattern that RE2 has to ask its slowest automaton: few instructions, and as many states as there can be.
SLOW = "((a?){30}){30}a{30}#"


@pytest.mark.parametrize("text", [
    "a{1001}", "(a{100}){100}", r"(?:\pL{500}){2}", r"\pL{200}", "(((((a{9}){9}){9}){9}){9})", r"\1",
    "(?<=a)b"])
def test_patterns_that_would_grow_too_large_or_look_back_are_refused(text: str) -> None:
    with pytest.raises(RuleError):
        Pattern(text)


@pytest.mark.parametrize("text", [
    "(a+)+$", "(a|aa)+$", "(.*a){20}$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(x+x+)+y", ".{200}b"])
def test_patterns_that_never_end_elsewhere_do(text: str) -> None:
    # Where their time doubles with each further letter, nobody would see the end of this.
    assert not Pattern(text).search(b"a" * 50_000 + b"!")


def test_a_pattern_of_more_instructions_than_one_may_have_is_refused() -> None:
    # Within the memory to compile it, and still 47,924 instructions: more than anything should cost.
    with pytest.raises(RuleError, match=f"instructions, and {MAX_PROGRAM_SIZE:,} is the most"):
        Pattern(r"(?i)\pL{1,40}#")


def test_a_pattern_that_takes_too_much_memory_is_refused_in_words() -> None:
    with pytest.raises(RuleError, match="can't be used: it's too large"):
        Pattern(r"(?:\pL{17}){17}")


def test_a_list_of_a_thousand_packages_fits() -> None:
    names = [f"python{number}" for number in range(1_000)]
    pattern = Pattern(f"^({'|'.join(names)})$")

    assert pattern.size <= MAX_PROGRAM_SIZE
    assert pattern.search(b"python999")
    assert not pattern.search(b"python1000")


@settings(max_examples=scaled(300))
@given(patterns_and_texts())
def test_it_finds_what_the_library_finds(example: tuple[str, str]) -> None:
    pattern, text = example
    options = re2.Options()
    options.log_errors = False
    try:
        expected = re2.compile(pattern, options)
    except re2.error as error:
        with pytest.raises(RuleError, match=re.escape(error.args[0].decode())):
            Pattern(pattern)
        return
    try:
        ours = Pattern(pattern)
    except RuleError as error:  # the library allows larger ones
        assert "too large" in str(error)  # noqa: PT017 - most raise nothing
        return
    data = text.encode()
    assert ours.search(data) is (expected.search(text) is not None)
    assert ours.fullmatch(data) is (expected.fullmatch(text) is not None)


def test_groups_cost_nothing() -> None:
    assert Pattern("((((a))))").size == Pattern("a").size


def test_a_text_that_would_take_too_long_has_no_answer() -> None:
    pattern = Pattern(SLOW)
    text = b"a" * (MAX_SEARCH_STEPS // pattern.size + 1)

    for ask in (pattern.search, pattern.fullmatch):
        with pytest.raises(TooLongToSearchError, match=f"{len(text):,} bytes is too long for a pattern of"):
            ask(text)


def test_common_patterns_search_the_largest_messages() -> None:
    assert Pattern("(?i)security|cve-[0-9]+").search(b"." * 10_000_000 + b"CVE-2026")


class TestCompiledPatterns:
    def test_stay_within_their_room(self) -> None:
        kept = PatternCache(room=10 * COMPILE_MEMORY)

        for number in range(100):
            kept.compiled(f"{SLOW}{number}")
            assert kept.taken <= kept.room

    def test_those_asked_last_are_kept(self) -> None:
        kept = PatternCache(room=3 * MIN_PATTERN_MEMORY)  # room for two small ones

        first, second = kept.compiled("a"), kept.compiled("b")
        assert kept.compiled("a") is first
        kept.compiled("c")

        assert kept.compiled("a") is first
        assert kept.compiled("b") is not second

    def test_one_that_was_forgotten_is_compiled_again(self) -> None:
        kept = PatternCache(room=MIN_PATTERN_MEMORY)

        for text in ("a", "b", "a"):
            assert kept.compiled(text).search(text.encode()) is not None

    def test_what_cannot_be_compiled_takes_no_room(self) -> None:
        kept = PatternCache()

        with pytest.raises(RuleError, match="can't be used"):
            kept.compiled("(")
        assert kept.taken == 0
