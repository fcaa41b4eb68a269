"""What a clause depends on: the parts of a message, and the kinds of keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from fmn.filters.conditions import (
    ACTED,
    IN_GROUP,
    NAMED,
    NOT_BY_PACKAGE,
    OWNER_KINDS,
    PERSON_OWNER_KINDS,
    CheckCondition,
    Key,
    KeyKind,
    MessagePart,
    Relations,
)
from fmn.matching.compiler import ALWAYS, Clause, MessageEvaluation

_NO_KEYS: Final[frozenset[Key]] = frozenset()

#: What keys are made of, where it's neither a message's event type nor its category.
_PART_OF: Final = {
    KeyKind.USER: MessagePart.PEOPLE, KeyKind.ACTOR: MessagePart.PEOPLE, KeyKind.GROUP: MessagePart.PEOPLE,
    KeyKind.ABOUT_GROUP: MessagePart.GROUPS, KeyKind.MEMBER: MessagePart.GROUPS,
    KeyKind.PACKAGE: MessagePart.PACKAGES, **dict.fromkeys(OWNER_KINDS, MessagePart.PACKAGES),
}


def parts_of(clause: Clause) -> frozenset[MessagePart]:
    """The parts of a message that a clause depends on."""
    return frozenset(_parts(clause))


def _parts(clause: Clause) -> Iterator[MessagePart]:
    for check, _ in clause.checks:
        yield from check.reads
    yield from (_PART_OF[kind] for kind in _kinds(clause) if kind in _PART_OF)
    for either in clause.alternatives:
        for part in either:
            yield from _parts(part)


def kinds_of_keys(clause: Clause) -> frozenset[KeyKind]:
    """The kinds of keys that a clause depends on, as keys or as relations."""
    return frozenset(_kinds(clause))


def _kinds(clause: Clause) -> Iterator[KeyKind]:
    for keys, ties in (
        (clause.forbidden_keys, clause.forbidden_ties), *((has.keys, has.ties) for has in clause.required),
    ):
        yield from (kind for kind, _ in keys)
        yield from _kinds_of_ties(ties)
    for either in clause.alternatives:
        for part in either:
            yield from _kinds(part)


def _kinds_of_ties(ties: Relations) -> Iterator[KeyKind]:
    if ties & NAMED:
        yield KeyKind.USER
    if ties & ACTED:
        yield KeyKind.ACTOR
    if ties & IN_GROUP:
        yield KeyKind.MEMBER
    if ties & ~NOT_BY_PACKAGE:
        yield from PERSON_OWNER_KINDS


@dataclass(frozen=True, slots=True)
class SplitClause:
    """A clause whose checks that read bodies are apart: ``by_facts`` needs no body, ``by_body`` does.

    The latter aren't asked for their atoms first, which would take the text of each body.
    """

    by_facts: Clause
    by_body: tuple[tuple[CheckCondition, bool], ...]
    alternatives: tuple[tuple[SplitClause, ...], ...]

    @classmethod
    def of(cls, clause: Clause) -> SplitClause:
        """Split a clause."""
        by_body = tuple(
            (replace(check, atoms=None), wanted) for check, wanted in clause.checks
            if MessagePart.BODY in check.reads)
        by_facts = tuple(pair for pair in clause.checks if MessagePart.BODY not in pair[0].reads)
        return cls(
            replace(clause, checks=by_facts, alternatives=()), by_body,
            tuple(tuple(map(cls.of, either)) for either in clause.alternatives))

    def remainder(self, view: MessageEvaluation, ties: Relations) -> Clause | None:
        """What is left to evaluate by a message's body, given all else of the message.

        It's :data:`~fmn.matching.compiler.ALWAYS` if the clause holds whatever the body is, and ``None`` if
        it doesn't.
        """
        if not self.by_facts.holds(view, ties):
            return None
        checks = []
        for check, wanted in self.by_body:
            if not check.within or not check.within.isdisjoint(view.keys):
                checks.append((replace(check, within=_NO_KEYS) if check.within else check, wanted))
            elif wanted:
                return None
        alternatives = []
        for either in self.alternatives:
            parts = tuple(left for part in either if (left := part.remainder(view, ties)) is not None)
            if not parts:
                return None
            if ALWAYS not in parts:
                alternatives.append(parts)
        if not checks and not alternatives:
            return ALWAYS
        return Clause(checks=tuple(checks), alternatives=tuple(alternatives))


def checks_of(clause: Clause) -> Iterator[CheckCondition]:
    """All checks of a clause."""
    yield from (check for check, _ in clause.checks)
    for either in clause.alternatives:
        for part in either:
            yield from checks_of(part)
