"""Summary of several events in one sentence: ``ralph pushed to ghc and 487 other packages``.

It's rendered from a template. A field with a noun, as in ``{package:packages}``, lists the events' distinct
values; a field without one, as in ``{branch}``, is the value if all events have the same, else empty. Events
that differ in a field marked as in ``{did:alike}`` aren't grouped.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Self

from fmn.text import SERIES_LENGTH, join_series, one_line

#: Marker in the place of a noun.
ALIKE = "alike"


@dataclass(frozen=True, slots=True)
class GroupSummaryPart:
    """An event's part of a group summary: the template and the fields' values.

    The template is ``""`` if the event type has none.
    """

    template: str = ""
    words: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, template: str, words: Mapping[str, str]) -> Self:
        """Part with the template's fields.

        :raises KeyError: a field has no value
        """
        return cls(template, {word: words[word] for word in _nouns(template)})


    @property
    def group_key(self) -> tuple[str, ...]:
        """Key of events that may be grouped."""
        alike = (self.words[word] for word, noun in _nouns(self.template).items() if noun == ALIKE)
        return (self.template, *alike)


class DistinctValues(tuple[str, ...]):
    """Distinct values of a field, in the order of first appearance."""

    __slots__ = ()

    def __format__(self, noun: str) -> str:
        if noun in ("", ALIKE):
            return self[0] if len(self) == 1 else ""
        if len(self) > SERIES_LENGTH:
            return f"{self[0]} and {len(self) - 1:,} other {noun}"
        return join_series(self)


def group_summary(parts: Sequence[GroupSummaryPart], first: str) -> str:
    """Summary of events of one group, oldest first, in a plain sentence without a full stop.

    Without a template, it's derived from ``first``, the summary of the first event.
    """
    template = parts[0].template
    if not template:
        return f"{first}, and {len(parts) - 1:,} more like it"
    nouns = _nouns(template)
    words = {word: DistinctValues(dict.fromkeys(part.words[word] for part in parts)) for word in nouns}
    said = one_line(template.format_map(words))
    if any(noun and len(words[word]) > 1 for word, noun in nouns.items()):
        return said
    # The sentence reads like that of one event.
    return f"{said}, {len(parts):,} times"


@cache
def _nouns(template: str) -> Mapping[str, str]:
    """The fields of a template, each with its noun; ``""`` without one."""
    return {word: noun or "" for _, word, noun, _ in string.Formatter().parse(template) if word}
