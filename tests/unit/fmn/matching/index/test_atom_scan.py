from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from fmn.filters.conditions import Key, KeyKind
from fmn.matching.index.atom_scan import LAYER_RATIO, AtomScanner
from tests.hypothesis_profiles import scaled

ATOMS = st.text("abc", min_size=2, max_size=4)
#: The text of a key: alternatives separated by tabs, conjuncts by line ends.
KEYS = st.lists(
    st.lists(ATOMS, min_size=1, max_size=3, unique=True).map("\t".join), min_size=1, max_size=4,
    unique=True).map("\n".join)


def text_keys(texts: Iterable[str]) -> list[Key]:
    return [(KeyKind.TEXT_ATOMS, text) for text in texts]


def found(scanner: AtomScanner, text: str) -> set[str]:
    keys = list(scanner.keys_in({KeyKind.TEXT_ATOMS: text}.__getitem__))
    assert len(set(keys)) == len(keys)
    return {key for _, key in keys}


def conjuncts_in(key: str, text: str) -> int:
    return sum(any(atom in text for atom in each.split("\t")) for each in key.split("\n"))


@settings(max_examples=scaled(300))
@given(st.lists(st.lists(KEYS, max_size=6), max_size=4), st.text("abc", max_size=20))
def test_keys_are_found_whose_two_rarest_conjuncts_are_there(steps: list[list[str]], text: str) -> None:
    scanner, known = AtomScanner(), set[str]()
    for step in steps:
        scanner = scanner.with_more(text_keys(set(step) - known))
        known.update(step)

    keys = found(scanner, text)

    for key in known:
        conjuncts = key.count("\n") + 1
        if conjuncts_in(key, text) == conjuncts:
            assert key in keys
        if key in keys:
            assert conjuncts_in(key, text) >= min(conjuncts, 2)


def test_each_part_of_a_message_is_searched_for_its_own_atoms() -> None:
    keys: list[Key] = [
        (KeyKind.TEXT_ATOMS, "moss"), (KeyKind.PACKAGE_ATOMS, "moss"), (KeyKind.TOPIC_ATOMS, "moss"),
        (KeyKind.PACKAGE, "moss")]
    scanner = AtomScanner().with_more(keys)

    for kind in (KeyKind.TEXT_ATOMS, KeyKind.PACKAGE_ATOMS, KeyKind.TOPIC_ATOMS):
        parts = dict.fromkeys(KeyKind, "fern") | {kind: "a moss"}
        assert list(scanner.keys_in(parts.__getitem__)) == [(kind, "moss")]


def test_a_part_without_atoms_is_not_read() -> None:
    scanner = AtomScanner().with_more([(KeyKind.PACKAGE, "moss"), (KeyKind.TOPIC_ATOMS, "moss")])

    assert list(scanner.keys_in({KeyKind.TOPIC_ATOMS: "moss"}.__getitem__))


def test_a_scanner_without_new_atoms_is_the_same() -> None:
    scanner = AtomScanner().with_more(text_keys(["moss"]))

    assert scanner.with_more([(KeyKind.PACKAGE, "fern")]) is scanner


def test_layers_stay_few_however_many_keys_are_added_one_by_one() -> None:
    scanner = AtomScanner().with_more(text_keys(f"word{number}" for number in range(1_000)))

    for number in range(1_000, 1_200):
        scanner = scanner.with_more(text_keys([f"word{number}"]))

    sizes = [len(layer.keys) for layer in scanner.layers[KeyKind.TEXT_ATOMS]]
    assert sum(sizes) == 1_200
    assert all(larger > LAYER_RATIO * smaller for larger, smaller in pairwise(sizes))
    assert found(scanner, "word7 word1007 word1199") == {
        "word7", "word1", "word10", "word100", "word1007", "word11", "word119", "word1199"}
