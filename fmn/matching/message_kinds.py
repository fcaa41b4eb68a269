"""Message kinds, and which of them rules about applications, event types and severities leave over.

A message has one event type, one application and one severity. So each such rule stands for a set of kinds,
and a conjunction for their intersection. Sets are bits of an integer: there are hundreds of kinds, and an
expression may have hundreds of rules.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Final, NamedTuple

from fmn.catalog import Catalog, EventType
from fmn.catalog.registry import UNKNOWN
from fmn.filters.conditions import CheckCondition, Key, KeyCondition, KeyKind
from fmn.matching.normal_form import Conjunction, Disjunction, Literal, NormalForm

#: Keys of which every message has exactly one of each.
WHAT_IT_IS: Final = frozenset({KeyKind.EVENT, KeyKind.CATEGORY, KeyKind.SEVERITY})

#: A set of kinds.
Bits = int


class MessageKind(NamedTuple):
    """A kind of message: event type by name, category, and severity."""

    event: str
    category: str
    severity: str
    retired: bool = False

    def marks(self) -> Iterator[Key]:
        """The keys that its messages have."""
        yield KeyKind.EVENT, self.event
        yield KeyKind.CATEGORY, self.category
        yield KeyKind.SEVERITY, self.severity


@dataclass(frozen=True)
class MessageKinds:
    """All kinds, numbered; ``having`` gives those with a key."""

    numbered: tuple[MessageKind, ...]
    having: Mapping[Key, Bits]

    @classmethod
    def of(cls, kinds: Iterable[MessageKind]) -> MessageKinds:
        """Number the kinds."""
        numbered = tuple(dict.fromkeys(kinds))
        having: defaultdict[Key, Bits] = defaultdict(int)
        for number, kind in enumerate(numbered):
            for key in kind.marks():
                having[key] |= 1 << number
        return cls(numbered, dict(having))

    @property
    def all(self) -> Bits:
        """Every kind."""
        return (1 << len(self.numbered)) - 1

    def where(self, chosen: Iterable[bool]) -> Bits:
        """Kinds for which a condition is true, in order."""
        return sum(1 << number for number, yes in enumerate(chosen) if yes)

    def with_any(self, keys: Iterable[Key]) -> Bits:
        """Kinds whose messages have one of the keys."""
        found = 0
        for key in keys:
            found |= self.having.get(key, 0)
        return found

    def also(self, categories: Iterable[str]) -> MessageKinds:
        """These kinds, and messages of categories that the catalogue may not know."""
        return MessageKinds.of([*self.numbered, *chain.from_iterable(map(_unknown, categories))])

    def asked(self, literal: Literal) -> Bits | None:
        """Kinds for which a literal's condition may be true; ``None`` if it isn't about kinds."""
        match literal.condition:
            case KeyCondition(keys, 0) if all(kind in WHAT_IT_IS for kind, _ in keys):
                return self.with_any(keys)
            case CheckCondition(within=within) if within:
                return self.with_any(within)
        return None

    def left_by(self, part: NormalForm) -> Bits:
        """Kinds that can match a part of an expression. It may have too many, but never too few."""
        match part:
            case Literal():
                return self._left_by_literal(part)
            case Conjunction(parts):
                left = self.all
                for each in parts:
                    left &= self.left_by(each)
                return left
            case Disjunction(parts):
                left = 0
                for each in parts:
                    left |= self.left_by(each)
                return left

    def _left_by_literal(self, literal: Literal) -> Bits:
        asked = self.asked(literal)
        if asked is None:
            return self.all
        if literal.wanted:
            return asked
        # That a check isn't true of a message excludes no kind: it may be false of others of the kind.
        return self.all & ~asked if isinstance(literal.condition, KeyCondition) else self.all


@lru_cache(maxsize=2)
def kinds_of(catalog: Catalog) -> MessageKinds:
    """The catalogue's kinds, and those that it doesn't know."""
    return MessageKinds.of(_kinds(catalog))


def _kinds(catalog: Catalog) -> Iterator[MessageKind]:
    for application in catalog.applications.values():
        for event in (*application.event_types, *application.fallbacks.values()):
            yield _kind(event, application.category, retired=application.retired or event.retired)
        # An entry that trips over a message leaves it without an event type.
        yield _kind(UNKNOWN.fallback, application.category, retired=application.retired)
    yield from _unknown("")


def _unknown(category: str) -> Iterator[MessageKind]:
    return (_kind(event, category, retired=False) for event in UNKNOWN.fallbacks.values())


def _kind(event: EventType, category: str, *, retired: bool) -> MessageKind:
    return MessageKind(event.name, category, str(event.severity), retired)
