from __future__ import annotations

import re

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from fmn.filters.required_atoms import (
    MAX_ATOM,
    MAX_CONJUNCTS,
    atoms_of_values,
    fold,
    required_atoms,
    without_characters,
)
from tests.hypothesis_profiles import scaled

#: Letters that RE2 folds to ASCII ones among them.
LETTERS = "akKsS\N{KELVIN SIGN}\N{LATIN SMALL LETTER LONG S}éÉ01-. \\{"
PIECES = (
    *"aks01.^$", "ak", "0.*k", "K", "\N{KELVIN SIGN}", "\N{LATIN SMALL LETTER LONG S}", "é", r"\.", r"\-",
    r"\x41", r"\x{212A}", r"\d", r"\w", r"\s", r"\b", r"\pL", r"\p{Lu}", r"\PN", r"\C", r"\n", r"\Qa.k\E",
    "[ak]", "[^a]", "[0-9]", "[a-k]", "[kK]", "[]a]", "[[:alpha:]0]", r"[\dab]", r"[\-\]a]", "[-a]", "[a-]",
    "{", "a{", "{,2}", "}", "]", "(?i)", "(?-i)", "(?s)",
)
REPETITIONS = ("*", "+", "?", "{2}", "{1,}", "{0}", "{0,1}", "{1,3}", "+?", "??", "{17}")
GROUPS = ("({})", "(?:{})", "(?i:{})", "(?-i:{})", "(?P<name>{})", "(?s-i:{})")


#: Patterns in RE2's syntax, and some that it refuses.
PATTERNS = st.recursive(st.sampled_from(PIECES), lambda parts: st.one_of(
    st.lists(parts, min_size=1, max_size=4).map("".join),
    st.lists(parts, min_size=2, max_size=3).map("|".join),
    st.builds(str.format, st.sampled_from(GROUPS), parts),
    st.builds("{}{}".format, st.one_of(st.sampled_from(PIECES), parts.map("(?:{})".format)),
              st.sampled_from(REPETITIONS)),
), max_leaves=8)
AROUND = st.text(LETTERS, max_size=4)


@st.composite
def patterns_and_texts(draw: st.DrawFn) -> tuple[str, str]:
    """A pattern, and a text with its atoms in some case and order, of which one may be spoilt."""
    pattern = draw(PATTERNS)
    parts = [draw(AROUND)]
    for conjunct in draw(st.permutations(required_atoms(pattern))):
        atom = draw(st.sampled_from(sorted(conjunct)))
        if draw(st.integers(0, 5)) == 0:
            atom = atom[draw(st.integers(0, len(atom))):]
        parts += [draw(st.sampled_from([atom, atom.upper()])), draw(AROUND)]
    return pattern, "".join(parts)


@settings(max_examples=scaled(1_000))
@given(patterns_and_texts())
def test_a_match_has_an_atom_of_every_conjunct(example: tuple[str, str]) -> None:
    pattern, text = example
    options = re2.Options()
    options.log_errors = False
    try:
        found = re2.compile(pattern, options).search(text)
    except re2.error:
        return
    if found:
        searched = fold(text.encode())
        assert all(any(atom in searched for atom in either) for either in required_atoms(pattern))


@pytest.mark.parametrize(("pattern", "expected"), [
    ("kernel.*12345", [{"kernel"}, {"12345"}]),
    ("^foo.*ba r.*MOSSES$", [{"mosses"}, {"ba r"}, {"foo"}]),
    ("mass.?rebuild", [{"rebuild"}, {"mass"}]),
    ("^perl-?a.*1234$", [{"perla", "perl-a"}, {"1234"}]),
    ("f4[12].*(?:beta)", [{"beta"}, {"f41", "f42"}]),
    ("(?i)f4[12].*New.?pack", [{"pack"}, {"new"}, {"f41", "f42"}]),
    ("f4[12].*?beta.*x", [{"beta"}, {"f41", "f42"}, {"x"}]),
    ("f4[12] beta", [{"f41 beta", "f42 beta"}]),
    ("(?i)security|CVE-[0-9]+", [{"security", "cve-"}]),
    ("Kernel", [{"kernel"}]),
    ("(?i)\N{KELVIN SIGN}ernel", [{"ernel"}]),
    (r"bodhi\.update", [{"bodhi.update"}]),
    ("(foo|bar)+x{3,}", [{"xxx"}, {"foo", "bar"}]),
    ("foo(?:bar)*", [{"foo"}]),
    ("(?:aaa|baaab)", [{"aaa"}]),
    ("|".join(f"package{number}" for number in range(1_000)), [{f"package{n}" for n in range(1_000)}]),
    ("a" * 100, [{"a" * MAX_ATOM}]),
])
def test_atoms_are_the_texts_that_a_match_cannot_lack(pattern: str, expected: list[set[str]]) -> None:
    assert [set(conjunct) for conjunct in required_atoms(pattern)] == expected


@given(
    st.lists(st.text("ab-^0?+.[]", min_size=1, max_size=5), min_size=2, max_size=4).map(".*".join),
    st.sampled_from(["", "(?i)"]))
def test_parts_that_are_read_by_themselves_need_what_they_need_in_a_group(pattern: str, flags: str) -> None:
    try:
        alone = required_atoms(flags + pattern)
    except ValueError:  # no pattern that RE2 would compile
        return
    assert set(alone) == set(required_atoms(f"{flags}(?:{pattern})"))


@pytest.mark.parametrize("pattern", [
    "", ".*", "^$", "a|", "(foo)?", "foo|.", r"\pL+", "[^a]", "[a-z]*", "(?:)", r"\Qfoo\E", r"\101", "foo**",
    "(?=foo)", "(" * 200 + "foo" + ")" * 200, "x*|y+",
])
def test_patterns_that_can_match_without_any_have_none(pattern: str) -> None:
    assert required_atoms(pattern) == ()


def test_atoms_stay_few_however_long_the_pattern() -> None:
    assert len(required_atoms(".".join(f"word{number}" for number in range(1_000)))) == MAX_CONJUNCTS
    assert required_atoms("|".join(f"package{number}" for number in range(5_000))) == ()
    assert required_atoms("[a-p]" * 100 + "long enough")[0] == {
        f"{letter}long enough" for letter in "abcdefghijklmnop"}


def test_texts_are_folded_as_patterns_are() -> None:
    text = "\N{KELVIN SIGN}ERNEL, \N{LATIN SMALL LETTER LONG S}ECURITY, ÉCLAIR"

    assert fold(text.encode()) == "kernel, security, Éclair"


def test_values_are_atoms_of_one_conjunct() -> None:
    assert atoms_of_values(["Moss", "fern.spec"]) == (frozenset({"moss", "fern.spec"}),)
    assert atoms_of_values(["", "moss"]) == ()


def test_what_cannot_be_searched_divides_atoms() -> None:
    found = without_characters(required_atoms('say "hello" to.*"""'), re.compile('"+'))

    assert found == (frozenset({"hello"}),)
