"""Hash table in arrays: numbers by 32-bit hashes of keys, for millions of keys.

Keys aren't kept. Another key's numbers may be found along with a key's own, as one in a thousand times, so
whoever asks evaluates what is found. The arrays can be mapped from a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from zlib import crc32

import numpy as np
import numpy.typing as npt

from fmn.filters.conditions import KeyKind

#: Hashes and numbers in an array: 32 bits.
HASHES: Final = "I"
HASH_BITS: Final = 32

_SEEDS: Final = {kind: crc32(f"{kind}\0".encode()) for kind in KeyKind}


def key_hash(kind: KeyKind, value: str) -> int:
    """The hash of a key, the same in every process."""
    return crc32(value.encode("utf-8", "surrogatepass"), _SEEDS[kind])


@dataclass(frozen=True)
class KeyTable:
    """Numbers by hash. The bucket ``b``, the first ``bits`` of hashes, ends where the next one starts."""

    starts: memoryview
    hashes: memoryview
    numbers: memoryview
    bits: int

    @classmethod
    def of(cls, hashes: npt.NDArray[np.uint32], numbers: npt.NDArray[np.uint32]) -> KeyTable:
        """A table with about one pair in each bucket."""
        bits = max(1, min(HASH_BITS, len(hashes).bit_length()))
        order = np.argsort(hashes, kind="stable")
        ordered = hashes[order]
        edges = np.arange(1 << bits, dtype=np.uint64) << np.uint64(HASH_BITS - bits)
        starts = np.searchsorted(ordered, edges.astype(np.uint32)).astype(np.uint32)
        starts = np.append(starts, np.uint32(len(hashes)))
        return cls(starts.data, ordered.data, numbers[order].data, bits)

    def __len__(self) -> int:
        return len(self.hashes)

    def find(self, wanted: int) -> list[int]:
        """The numbers of a hash."""
        bucket = wanted >> HASH_BITS - self.bits
        start, end = self.starts[bucket], self.starts[bucket + 1]
        if start == end:
            return []
        return [self.numbers[place] for place in range(start, end) if self.hashes[place] == wanted]


EMPTY_TABLE: Final = KeyTable.of(np.empty(0, np.uint32), np.empty(0, np.uint32))
