"""What a clause depends on: the parts of a message, and the kinds of keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from fmn.filters.conditions import (
    ACTED,
    IN_GROUP,
    NAMED,
    NOT_BY_PACKAGE,
    OWNER_KINDS,
    CheckCondition,
    KeyKind,
    MessagePart,
    Relations,
)
from fmn.matching.compiler import Clause

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
        yield from OWNER_KINDS


def without_bodies(clause: Clause) -> Clause:
    """A clause that holds whenever the given one can, whatever the bodies hold."""
    return replace(
        clause, checks=tuple(pair for pair in clause.checks if not _reads_body(pair[0])),
        alternatives=tuple(tuple(map(without_bodies, either)) for either in clause.alternatives))


def body_clause(clause: Clause) -> Clause:
    """What's left to evaluate of a clause by a message's body, once it holds :func:`without_bodies`."""
    if any(MessagePart.BODY in parts_of(part) for either in clause.alternatives for part in either):
        return clause
    return Clause(checks=tuple(pair for pair in clause.checks if _reads_body(pair[0])))


def _reads_body(check: CheckCondition) -> bool:
    return MessagePart.BODY in check.reads
