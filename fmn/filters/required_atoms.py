"""Required atoms: literal texts that every text has which a regular expression matches. Pure.

A *conjunct* is a set of atoms of which a matching text has at least one; it has one of every conjunct. So a
text without the atoms needs no search, and an automaton finds the atoms of all patterns in one pass. The
extraction is that of RE2's ``prefilter.cc``: sets of exact texts, multiplied where parts follow each other,
that become conjuncts where they'd grow too large.

It may miss atoms, but never names one that a match can lack: syntax that it doesn't know has no atoms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

Conjunct = frozenset[str]
#: The best conjuncts first.
Conjuncts = tuple[Conjunct, ...]

#: Characters of an atom. The last ones of longer texts are kept: what comes first is what many share.
MAX_ATOM: Final = 16
#: Conjuncts of a pattern. Each further one excludes little that those before don't.
MAX_CONJUNCTS: Final = 4
#: Atoms of a conjunct; a list of a thousand package names fits.
MAX_ATOMS: Final = 1_024
#: Exact texts that may come of multiplying sets, and the characters of one.
MAX_PRODUCT: Final = 32
MAX_EXACT: Final = 64
#: Characters of a class that stands for texts, such as [0-9]. Larger ones stand for anything.
MAX_CLASS: Final = 16
#: Copies of a repeated part that are written out.
MAX_COPIES: Final = 16
#: Parts of patterns whose conjuncts are remembered: many begin with ``^python-?``.
KEPT_PARTS: Final = 1_000
#: Groups within groups, at most.
MAX_DEPTH: Final = 50

#: What RE2's case folding makes of letters beyond ASCII that are equal to ASCII letters.
_FOLDED_TO_ASCII: Final = {"\N{KELVIN SIGN}": "k", "\N{LATIN SMALL LETTER LONG S}": "s"}

#: ASCII words with anything between them.
_WORDS: Final = re.compile(r"\^?[A-Za-z0-9 _:/-]+(?:\.\*[A-Za-z0-9 _:/-]+)*\$?")
#: Parts with anything between them, of which each has conjuncts of its own. Case is folded anyway.
_PART: Final = r"(?![?+])(?:[A-Za-z0-9 _:/^$?+-]|\.(?!\*)|\[[A-Za-z0-9_-]+\])+"
_PARTS: Final = re.compile(rf"(?:\(\?i\))?{_PART}(?:\.\*{_PART})+")
_PLAIN: Final = re.compile(r"[^\\.+*?()\[\]{}|^$]+")
_REPEAT: Final = re.compile(r"(?:[*+?]|\{(0|[1-9][0-9]*)(?:(,)(0|[1-9][0-9]*)?)?\})\??")
_GROUP: Final = re.compile(r"\((?:\?(?:P?<\w+>|([imsU]*)(?:-([imsU]*))?([:)])))?")
_HEXADECIMAL: Final = re.compile(r"\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{2})")
_PROPERTY: Final = re.compile(r"\{[^}]*\}|.", re.DOTALL)
_CONTROLS: Final = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_DIGITS: Final = frozenset("0123456789")


def fold(text: bytes) -> str:
    """A text in which atoms are searched: UTF-8 with its ASCII letters, and what RE2 folds to them, lower."""
    folded = text.lower().decode()
    if not folded.isascii():
        for letter, ascii_letter in _FOLDED_TO_ASCII.items():
            folded = folded.replace(letter, ascii_letter)
    return folded


def fold_text(text: str) -> str:
    """Like :func:`fold`, of a string; halves of surrogate pairs become question marks."""
    return text.lower() if text.isascii() else fold(text.encode("utf-8", "replace"))


def required_atoms(pattern: str) -> Conjuncts:
    """The conjuncts of a pattern in RE2's syntax, none if nothing is known."""
    if _WORDS.fullmatch(pattern):  # as most are, and 600,000 of them are read when a worker starts
        return _best(
            frozenset({word[-MAX_ATOM:]}) for word in pattern.lower().strip("^$").split(".*"))
    try:
        if _PARTS.fullmatch(pattern):
            parts = pattern.removeprefix("(?i)").split(".*")
            return _best(conjunct for part in parts for conjunct in _needed_by_part(part))
        return _best(_Parser(pattern).parsed().conjuncts)
    except _UnknownSyntaxError:
        return ()


def _needed_by_part(part: str) -> Conjuncts:
    if part.isalnum():  # numbers mostly, which no two patterns share
        return (frozenset({part.lower()[-MAX_ATOM:]}),)
    return _needed_by_shared_part(part)


@lru_cache(KEPT_PARTS)
def _needed_by_shared_part(part: str) -> Conjuncts:
    return _Parser(part).parsed().conjuncts


def atoms_of_values(values: Iterable[str]) -> Conjuncts:
    """The conjuncts of texts that have one of these values in them."""
    return _best(_flushed(frozenset(map(fold_text, values))))


def without_characters(conjuncts: Conjuncts, unwanted: re.Pattern[str]) -> Conjuncts:
    """The conjuncts with the longest parts of their atoms that have none of these characters."""
    if not any(unwanted.search(atom) for conjunct in conjuncts for atom in conjunct):
        return conjuncts
    return _best(
        frozenset(max(unwanted.split(atom), key=len) for atom in conjunct) for conjunct in conjuncts)


def _best(conjuncts: Iterable[Conjunct]) -> Conjuncts:
    found = {each for each in conjuncts if each and "" not in each and len(each) <= MAX_ATOMS}
    return tuple(sorted(found, key=_weakness)[:MAX_CONJUNCTS])


def _weakness(conjunct: Conjunct) -> tuple[int, int, str]:
    return -min(map(len, conjunct)), len(conjunct), min(conjunct)


def _flushed(texts: frozenset[str]) -> Conjuncts:
    """The conjunct of a set of texts of which each match has one."""
    if not texts or "" in texts:
        return ()
    atoms = {text[-MAX_ATOM:] for text in texts}
    if len(atoms) <= MAX_PRODUCT:
        atoms = {atom for atom in atoms if not any(other != atom and other in atom for other in atoms)}
    return (frozenset(atoms),)


class _UnknownSyntaxError(Exception):
    """The parser doesn't know it."""


class _Part(NamedTuple):
    """What is known of a part of a pattern: all texts that it matches, or else the conjuncts of each."""

    exact: frozenset[str] | None
    needed: Conjuncts = ()

    @property
    def conjuncts(self) -> Conjuncts:
        return self.needed if self.exact is None else _flushed(self.exact)


_EMPTY: Final = _Part(frozenset({""}))
_ANYTHING: Final = _Part(None)


@dataclass(slots=True)
class _Sequence:
    """Parts that follow each other."""

    exact: frozenset[str] = frozenset({""})
    needed: list[Conjunct] = field(default_factory=list)
    whole: bool = True

    def add(self, part: _Part) -> None:
        if part.exact is None:
            self._flush()
            self.needed += part.needed
        elif _fits(self.exact, part.exact):
            self.exact = frozenset(first + last for first in self.exact for last in part.exact)
        else:
            self._flush()
            self.exact = part.exact

    def _flush(self) -> None:
        self.needed += _flushed(self.exact)
        self.exact, self.whole = frozenset({""}), False

    def ended(self) -> _Part:
        if self.whole:
            return _Part(self.exact)
        self._flush()
        return _Part(None, _best(self.needed))


def _fits(first: frozenset[str], last: frozenset[str]) -> bool:
    few, many = sorted((len(first), len(last)))
    return (few == 1 or few * many <= MAX_PRODUCT) and (
        max(map(len, first)) + max(map(len, last)) <= MAX_EXACT)


def _either(parts: list[_Part]) -> _Part:
    if len(parts) == 1:
        return parts[0]
    exact = [part.exact for part in parts if part.exact is not None]
    if len(exact) == len(parts) and sum(map(len, exact)) <= MAX_ATOMS:
        return _Part(frozenset().union(*exact))
    best = [part.conjuncts[:1] for part in parts]
    if not all(best):
        return _ANYTHING
    return _Part(None, (frozenset().union(*(conjunct for each in best for conjunct in each)),))


def _repeated(part: _Part, least: int, most: int | None) -> _Part:
    if least == 0:
        if part.exact is None or most not in (0, 1):
            return _ANYTHING
        return _EMPTY if most == 0 else _Part(part.exact | {""})
    if part.exact is None:
        return part
    copies = _Sequence()
    for _ in range(min(least, MAX_COPIES)):
        copies.add(part)
    if most != least or least > MAX_COPIES:
        copies.add(_ANYTHING)
    return copies.ended()


class _Parser:
    """Recursive descent through a pattern that RE2 has compiled, so it's well-formed."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._fold_case = False
        self._depth = 0

    def parsed(self) -> _Part:
        part = self._alternatives()
        if self._at < len(self._pattern):
            raise _UnknownSyntaxError
        return part

    def _next(self) -> str:
        return self._pattern[self._at:self._at + 1]

    def _take(self) -> str:
        if not (taken := self._next()):
            raise _UnknownSyntaxError
        self._at += 1
        return taken

    def _match(self, expression: re.Pattern[str]) -> re.Match[str] | None:
        if found := expression.match(self._pattern, self._at):
            self._at = found.end()
        return found

    def _alternatives(self) -> _Part:
        parts = [self._concatenation()]
        while self._next() == "|":
            self._at += 1
            parts.append(self._concatenation())
        return _either(parts)

    def _concatenation(self) -> _Part:
        sequence = _Sequence()
        while self._next() not in ("", "|", ")"):
            for part in self._repetition():
                sequence.add(part)
        return sequence.ended()

    def _repetition(self) -> Iterator[_Part]:
        *others, part = self._parts()
        yield from others
        repeat = self._match(_REPEAT)
        if repeat is None:
            yield part
            return
        if self._match(_REPEAT):
            raise _UnknownSyntaxError
        yield _repeated(part, *_bounds(repeat))

    def _parts(self) -> Iterator[_Part]:
        """One or more parts, of which a repetition that follows concerns the last."""
        if plain := self._match(_PLAIN):
            yield from self._literals(plain[0])
            return
        match character := self._next():
            case "(":
                yield self._group()
            case "[":
                self._at += 1
                yield self._class()
            case "\\":
                self._at += 1
                yield self._escape()
            case "." | "^" | "$":
                self._at += 1
                yield _ANYTHING if character == "." else _EMPTY
            case "]" | "}" | "{" if not _REPEAT.match(self._pattern, self._at):
                self._at += 1
                yield _Part(frozenset({character}))
            case _:
                raise _UnknownSyntaxError

    def _literals(self, text: str) -> Iterator[_Part]:
        if text.isascii():
            text = text.lower()
            for start in range(0, len(text) - 1, MAX_EXACT):
                yield _Part(frozenset({text[start:min(start + MAX_EXACT, len(text) - 1)]}))
            yield _Part(frozenset({text[-1]}))
        else:
            yield from map(self._literal, text)

    def _literal(self, character: str) -> _Part:
        if self._fold_case and not character.isascii():
            return _ANYTHING
        return _Part(frozenset({fold_text(character)}))

    def _group(self) -> _Part:
        opening, before = self._match(_GROUP), self._fold_case
        if opening is None or self._depth == MAX_DEPTH:
            raise _UnknownSyntaxError
        on, off, end = opening.groups()
        self._fold_case = (before or "i" in (on or "")) and "i" not in (off or "")
        if end == ")":  # flags from here on
            if self._match(_REPEAT):
                raise _UnknownSyntaxError
            return _EMPTY
        self._depth += 1
        part = self._alternatives()
        self._depth -= 1
        if self._take() != ")":
            raise _UnknownSyntaxError
        self._fold_case = before
        return part

    def _escape(self) -> _Part:
        match character := self._take():
            case "A" | "z" | "b" | "B":
                return _EMPTY
            case "d":
                return _Part(_DIGITS)
            case "D" | "s" | "S" | "w" | "W" | "C":
                return _ANYTHING
            case "p" | "P":
                self._match(_PROPERTY)
                return _ANYTHING
            case _:
                return self._literal(self._escaped(character))

    def _escaped(self, character: str) -> str:
        """The character that an escape stands for."""
        if character == "x" and (digits := self._match(_HEXADECIMAL)):
            return chr(int(digits[1] or digits[2], 16))
        if character in _CONTROLS:
            return _CONTROLS[character]
        if not character.isascii() or character.isalnum() or character == "_":
            raise _UnknownSyntaxError
        return character

    def _class(self) -> _Part:
        negated = self._next() == "^"
        self._at += negated
        characters: set[str] | None = set()
        first = True
        while first or self._next() != "]":
            first = False
            more = self._member()
            characters = None if characters is None or more is None else characters | more
        self._at += 1
        if negated or characters is None or len(characters) > MAX_CLASS:
            return _ANYTHING
        return _either([self._literal(character) for character in sorted(characters)])

    def _member(self) -> set[str] | None:
        """The characters of one part of a class, ``None`` if they're many."""
        if self._pattern.startswith("[:", self._at):
            end = self._pattern.find(":]", self._at)
            if end < 0:
                raise _UnknownSyntaxError
            self._at = end + 2
            return None
        low = self._class_character()
        if not isinstance(low, str):
            return low
        if self._next() != "-" or self._pattern.startswith("-]", self._at):
            return {low}
        self._at += 1
        high = self._class_character()
        if not isinstance(high, str):
            raise _UnknownSyntaxError
        return set(map(chr, range(ord(low), ord(high) + 1))) if ord(high) - ord(low) < MAX_CLASS else None

    def _class_character(self) -> str | set[str] | None:
        """A character of a class, or the characters of a class in it, ``None`` if they're many."""
        character = self._take()
        if character != "\\":
            return character
        match escaped := self._take():
            case "d":
                return set(_DIGITS)
            case "D" | "s" | "S" | "w" | "W":
                return None
            case "p" | "P":
                self._match(_PROPERTY)
                return None
            case _:
                return self._escaped(escaped)


def _bounds(repeat: re.Match[str]) -> tuple[int, int | None]:
    least, comma, most = repeat.groups()
    if least is None:
        return {"*": (0, None), "+": (1, None), "?": (0, 1)}[repeat[0][0]]
    if not comma:
        return int(least), int(least)
    return int(least), int(most) if most else None
