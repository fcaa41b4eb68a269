"""Searches for patterns that are words with anything between them, without a regular expression's program.

Most patterns that people type are such: ``kernel``, ``^python-?idna``, ``f4[0-9].*beta``. Of millions nearly
every one that a message reaches had to be compiled anew, which takes five times as long as the search.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Final

#: Characters of a pattern. So few make a program that no text is too long for and no filter too large.
MAX_LENGTH: Final = 100
#: Texts that a word with optional characters and classes stands for.
MAX_SPELLINGS: Final = 16
#: Parts whose spellings are remembered: many patterns begin with ``^python-?``.
KEPT_PARTS: Final = 1_000

#: What no text has that "anything" stands for.
LINE_END: Final = b"\n"
#: A character or a class, which may be optional.
_UNIT: Final = re.compile(r"(?:([A-Za-z0-9 _:/-])|\[([0-9])-([0-9])\]|\[([A-Za-z0-9]+)\])(\?)?(?![?*+{])")


@dataclass(frozen=True, slots=True)
class WordPattern:
    """Words that follow each other, each in one of its spellings. ``anchored`` is the first to the start."""

    words: Sequence[Sequence[bytes]]
    anchored: bool

    def found_in(self, data: bytes) -> bool:
        """Whether the pattern matches a text without line ends."""
        end = 0
        for number, spellings in enumerate(self.words):
            # The match that ends first leaves most of the text to the words that follow.
            ends = [
                begin + len(word) for word in spellings
                if (begin := data.find(word, end)) >= 0 and not (begin and self.anchored and not number)]
            if not ends:
                return False
            end = min(ends)
        return True


def word_pattern(pattern: str) -> WordPattern | None:
    """A regular expression in RE2's syntax as words; ``None`` if it's something else."""
    if len(pattern) > MAX_LENGTH:
        return None
    words = [_spellings(part) for part in pattern.removeprefix("^").removesuffix(".*").split(".*")]
    if not all(words):
        return None
    return WordPattern(words, pattern.startswith("^"))


def _spellings(part: str) -> Sequence[bytes]:
    """The texts that a part stands for; none if it's no word, or too many."""
    if part.isalnum() and part.isascii():  # numbers mostly, which no two patterns share
        return (part.encode(),)
    return _various_spellings(part)


@lru_cache(KEPT_PARTS)
def _various_spellings(part: str) -> Sequence[bytes]:
    units, many = list(_units(part)), 1
    for unit in units:
        many *= len(unit)
        if not unit or many > MAX_SPELLINGS:
            return ()
    spellings = sorted({"".join(each).encode() for each in product(*units)})
    return spellings if spellings[0] else ()  # what may be empty is no word


def _units(part: str) -> Iterator[Sequence[str]]:
    """What each character or class stands for, nothing where it's something else."""
    at = 0
    while at < len(part):
        found = _UNIT.match(part, at)
        if found is None:
            yield ()
            return
        character, first, last, characters, optional = found.groups()
        if first:
            characters = "".join(map(chr, range(ord(first), ord(last) + 1)))
        yield [*(character or characters), *([""] if optional else [])]
        at = found.end()
