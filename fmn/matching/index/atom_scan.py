"""Finds which of many patterns' required atoms a message has, in one pass over its text.

An Aho-Corasick automaton finds all atoms. A pattern with several conjuncts is filed under its two rarest,
first under the one that more patterns share: ``kernel.*12345`` and ``kernel.*67890`` under ``kernel``, and
there under their numbers. So a message's cost follows the atoms that it has, not the patterns that share one.

A scanner is immutable. One with more keys has further layers, which are merged as they grow, so that adding a
key costs little and scanning stays a matter of few passes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ahocorasick_rs import AhoCorasick

from fmn.filters.conditions import Key, KeyKind

#: Kinds of keys whose atoms are scanned for.
SCANNED_KINDS: Final = frozenset({KeyKind.PACKAGE_ATOMS, KeyKind.TEXT_ATOMS, KeyKind.TOPIC_ATOMS})
#: A layer is merged with the one before unless that is so many times larger.
LAYER_RATIO: Final = 8
#: Larger layers stay as they are until the index is loaded anew: building one takes 0.1 s.
MAX_MERGED: Final = 50_000

#: A conjunct: its only atom, or a number for its alternatives.
Conjunct = str | int
#: The part of a message in which atoms of a kind are searched.
Searched = Callable[[KeyKind], str]


@dataclass(frozen=True)
class AtomScanner:
    """The layers of each kind, largest first."""

    layers: Mapping[KeyKind, Sequence[Layer]] = field(default_factory=dict)

    def with_more(self, keys: Iterable[Key]) -> AtomScanner:
        """A scanner that also finds those of these keys that are about atoms."""
        by_kind: defaultdict[KeyKind, list[Key]] = defaultdict(list)
        for key in keys:
            if key[0] in SCANNED_KINDS:
                by_kind[key[0]].append(key)
        added = {kind: _with_layer(self.layers.get(kind, ()), more) for kind, more in by_kind.items()}
        return AtomScanner({**self.layers, **added}) if added else self

    def keys_in(self, searched: Searched) -> Iterator[Key]:
        """The keys whose atoms a message has."""
        for kind, layers in self.layers.items():
            text = searched(kind)
            if text:
                for layer in layers:
                    yield from layer.keys_in(text)


class Layer:
    """An automaton over the atoms of some keys of one kind."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self.keys = keys
        #: Numbers of the conjuncts of several atoms, by atom.
        self._among: dict[str, list[Conjunct]] = {}
        self._alone: dict[Conjunct, list[Key]] = {}
        self._pairs: dict[Conjunct, dict[Conjunct, list[Key]]] = {}
        atoms: set[str] = set()
        self._file(list(self._conjuncts(atoms)))
        self._automaton = AhoCorasick(sorted(atoms), store_patterns=True)

    def _conjuncts(self, atoms: set[str]) -> Iterator[Sequence[Conjunct]]:
        """The conjuncts of each key. Adds their atoms."""
        numbers: dict[str, int] = {}
        for _, text in self.keys:
            conjuncts: list[Conjunct] = []
            for each in text.split("\n"):
                alternatives = each.split("\t")
                atoms.update(alternatives)
                conjuncts.append(
                    each if len(alternatives) == 1 else self._number(each, alternatives, numbers))
            yield conjuncts

    def _number(self, text: str, alternatives: Iterable[str], numbers: dict[str, int]) -> int:
        number = numbers.get(text)
        if number is None:
            number = numbers[text] = len(numbers)
            for atom in alternatives:
                self._among.setdefault(atom, []).append(number)
        return number

    def _file(self, conjuncts: Sequence[Sequence[Conjunct]]) -> None:
        shared = Counter(conjunct for each in conjuncts for conjunct in each)
        for key, each in zip(self.keys, conjuncts, strict=True):
            if len(each) == 1:
                self._alone.setdefault(each[0], []).append(key)
            else:
                rarest, rarer = sorted(each, key=shared.__getitem__)[:2]
                self._pairs.setdefault(rarer, {}).setdefault(rarest, []).append(key)

    def keys_in(self, text: str) -> Iterator[Key]:
        """The keys of which a text has the two rarest conjuncts."""
        atoms = set(self._automaton.find_matches_as_strings(text, overlapping=True))
        found: set[Conjunct] = {*atoms}
        for atom in self._among.keys() & atoms:
            found.update(self._among[atom])
        for conjunct in self._alone.keys() & found:
            yield from self._alone[conjunct]
        for conjunct in self._pairs.keys() & found:
            inner = self._pairs[conjunct]
            for other in inner.keys() & found:
                yield from inner[other]


def _with_layer(layers: Sequence[Layer], keys: Sequence[Key]) -> Sequence[Layer]:
    kept = list(layers)
    while kept and len(kept[-1].keys) <= min(MAX_MERGED, LAYER_RATIO * len(keys)):
        keys = [*kept.pop().keys, *keys]
    return (*kept, Layer(keys))
