"""One sentence about several events of a kind: ``ralph pushed to ghc and 487 other packages``.

A template says it. A word with a noun behind it, as in ``{package:packages}``, stands for all the different
things that the events have there; a word without one, as in ``{branch}``, for what all events have alike,
and for nothing where they differ. Events that differ in a word marked as in ``{did:alike}`` aren't told of
together at all.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Self

from fmn.text import SERIES_LENGTH, join_series, one_line

#: Stands in the place of a noun.
ALIKE = "alike"


@dataclass(frozen=True, slots=True)
class GroupSummaryPart:
    """What one event brings to a sentence about several: its template, and what its words stand for.

    The template is ``""`` where the event type has no such sentence.
    """

    template: str = ""
    words: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, template: str, words: Mapping[str, str]) -> Self:
        """With those of the words that the template has. Raises :class:`KeyError` if one is missing."""
        return cls(template, {word: words[word] for word in _nouns(template)})


    @property
    def group_key(self) -> tuple[str, ...]:
        """What has to be the same for events to be told of together."""
        alike = (self.words[word] for word, noun in _nouns(self.template).items() if noun == ALIKE)
        return (self.template, *alike)


class DistinctValues(tuple[str, ...]):
    """The different values of one word, in the order in which they first came."""

    __slots__ = ()

    def __format__(self, noun: str) -> str:
        if noun in ("", ALIKE):
            return self[0] if len(self) == 1 else ""
        if len(self) > SERIES_LENGTH:
            return f"{self[0]} and {len(self) - 1:,} other {noun}"
        return join_series(self)


def group_summary(parts: Sequence[GroupSummaryPart], first: str) -> str:
    """One plain sentence without a full stop about events of the same group, oldest first.

    ``first`` is the summary of the first, from which the sentence is made where they have no template.
    """
    template = parts[0].template
    if not template:
        return f"{first}, and {len(parts) - 1:,} more like it"
    nouns = _nouns(template)
    words = {word: DistinctValues(dict.fromkeys(part.words[word] for part in parts)) for word in nouns}
    said = one_line(template.format_map(words))
    if any(noun and len(words[word]) > 1 for word, noun in nouns.items()):
        return said
    # It reads as if they were one.
    return f"{said}, {len(parts):,} times"


@cache
def _nouns(template: str) -> Mapping[str, str]:
    """The words of a template, each with its noun, ``""`` for none."""
    return {word: noun or "" for _, word, noun, _ in string.Formatter().parse(template) if word}
