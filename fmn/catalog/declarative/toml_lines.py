"""Line numbers of the values in a TOML file, which its parser doesn't keep."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

#: What can hide a bracket or the end of a line, and these themselves.
_TOKEN: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*|[\[\]{}\n]', re.DOTALL)
_WORD: Final = r'(?:[\w-]+|"[^"\n]*"|\'[^\'\n]*\')'
_WORDS: Final = rf"{_WORD}(?:[ \t]*\.[ \t]*{_WORD})*"
_TABLE: Final = re.compile(rf"\s*(\[{{1,2}})[ \t]*({_WORDS})[ \t]*\]")
_KEY: Final = re.compile(rf"\s*({_WORDS})[ \t]*=")

Place = tuple[str | int, ...]


class TomlLines:
    """Lines of a valid TOML text's tables and keys. Values within a value have the line where that begins."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Place, int] = {}
        self._sizes: Counter[Place] = Counter()
        table: Place = ()
        for line, statement in _statements(text):
            if (found := _TABLE.match(statement)) is not None:
                table = self._table(_words(found[2]), is_element=found[1] == "[[")
                self._lines.setdefault(table, line)
                if found[1] == "[[":
                    self._lines.setdefault(table[:-1], line)
            elif (found := _KEY.match(statement)) is not None:
                self._lines.setdefault((*table, *_words(found[1])), line)

    def of(self, place: Sequence[str | int]) -> int:
        """The line of a value, or of the nearest thing around it; 1 without one."""
        for length in range(len(place), 0, -1):
            if (line := self._lines.get(tuple(place[:length]))) is not None:
                return line
        return 1

    def _table(self, words: Sequence[str], *, is_element: bool) -> Place:
        """The place of a table, with the number of the latest element of each list that it's in."""
        place: Place = ()
        for word in words[:-1]:
            place = self._latest((*place, word))
        place = (*place, words[-1])
        if is_element:
            self._sizes[place] += 1
        return self._latest(place)

    def _latest(self, place: Place) -> Place:
        return (*place, self._sizes[place] - 1) if place in self._sizes else place


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Tables and assignments, each with the number of its first line."""
    start, depth, line = 0, 0, 1
    for token in _TOKEN.finditer(f"{text}\n"):
        if token[0] == "\n" and not depth:
            statement = text[start:token.start()]
            yield line, statement
            line += statement.count("\n") + 1
            start = token.end()
        depth += (token[0] in ("[", "{")) - (token[0] in ("]", "}"))


def _words(text: str) -> list[str]:
    return [found.strip("\"'") for found in re.findall(_WORD, text)]
