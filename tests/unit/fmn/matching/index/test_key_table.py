"""Numbers by hashes of keys, in arrays."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fmn.filters.conditions import KeyKind
from fmn.matching.index.key_table import EMPTY_TABLE, KeyTable, key_hash

#: Few different ones, and the first and last that there are.
HASHES = st.one_of(st.sampled_from([0, 1, 2**31, 2**32 - 1]), st.integers(0, 2**32 - 1))


@given(st.lists(st.tuples(HASHES, st.integers(0, 100))), HASHES)
def test_all_numbers_of_a_hash_are_found_and_no_others(pairs: list[tuple[int, int]], another: int) -> None:
    hashes, numbers = [each for each, _ in pairs], [number for _, number in pairs]
    table = KeyTable.of(np.array(hashes, np.uint32), np.array(numbers, np.uint32))

    for wanted in {another, *(each for each, _ in pairs)}:
        assert sorted(table.find(wanted)) == sorted(number for each, number in pairs if each == wanted)


def test_an_empty_table_has_nothing() -> None:
    assert EMPTY_TABLE.find(7) == []
    assert len(EMPTY_TABLE) == 0


def test_hashes_are_the_same_in_every_process() -> None:
    # Snapshots on disk have them: with others they'd find nothing
    assert key_hash(KeyKind.PACKAGE, "php") == 2212361616
    assert key_hash(KeyKind.USER, "php") != key_hash(KeyKind.PACKAGE, "php")
