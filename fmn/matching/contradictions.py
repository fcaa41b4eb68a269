"""Contradictions: rules of a filter that no message can match together.

Each one found is a contradiction, but not all are found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from fmn.filters.conditions import (
    COMMITS_EXACTLY,
    COMMITS_TO,
    WATCHES_EXACTLY,
    WATCHES_IT,
    Key,
    KeyCondition,
    KeyKind,
    Relations,
)
from fmn.matching.message_kinds import MessageKinds
from fmn.matching.normal_form import Disjunction, Literal, NormalForm, conjuncts

#: Who owns a package in its namespace owns one of its name.
_WEAKER_KINDS = {KeyKind.COMMITS_EXACTLY: KeyKind.COMMITS, KeyKind.WATCHES_EXACTLY: KeyKind.WATCHES}
_WEAKER_TIES = {COMMITS_EXACTLY: COMMITS_TO, WATCHES_EXACTLY: WATCHES_IT}


def contradiction(part: NormalForm, kinds: MessageKinds) -> Sequence[Literal] | None:
    """The literals that no message fits together; ``None`` if some message may fit all.

    It's empty for an empty group.
    """
    return _contradiction([], [part], kinds)


def _contradiction(
    context: Sequence[Literal], parts: Iterable[NormalForm], kinds: MessageKinds,
) -> Sequence[Literal] | None:
    together, groups = list(context), list[Disjunction]()
    for each in conjuncts(parts):
        if isinstance(each, Disjunction):
            groups.append(each)
        else:
            together.append(each)
    found = _among(together, kinds)
    for group in groups:
        if found is not None:
            break
        found = _in_every_part(together, group, kinds)
    return found


def _in_every_part(
    context: Sequence[Literal], group: Disjunction, kinds: MessageKinds,
) -> Sequence[Literal] | None:
    first: Sequence[Literal] | None = None
    for part in group.parts:
        found = _contradiction(context, [part], kinds)
        if found is None:
            return None
        first = found if first is None else first
    return [] if first is None else first


def _among(literals: Sequence[Literal], kinds: MessageKinds) -> Sequence[Literal] | None:
    wanted = [literal for literal in literals if literal.wanted]
    unwanted = [literal for literal in literals if not literal.wanted]
    return _excluded(wanted, unwanted) or _of_no_kind(literals, kinds) or _by_several(wanted)


def _excluded(wanted: Sequence[Literal], unwanted: Sequence[Literal]) -> Sequence[Literal] | None:
    """A required literal, and the literal that excludes it."""
    denied = {literal.condition: literal for literal in unwanted}
    exclusions = [literal for literal in unwanted if isinstance(literal.condition, KeyCondition)]
    forbidden = frozenset(
        key for literal in exclusions if isinstance(literal.condition, KeyCondition)
        for key in literal.condition.keys)
    ties = _all_ties(exclusions)
    for literal in wanted:
        if literal.condition in denied:
            return [literal, denied[literal.condition]]
        if isinstance(literal.condition, KeyCondition) and not _remains(literal.condition, forbidden, ties):
            return [literal, *(other for other in exclusions if _takes_from(other, literal.condition))]
    return None


def _all_ties(literals: Iterable[Literal]) -> Relations:
    ties = 0
    for literal in literals:
        if isinstance(literal.condition, KeyCondition):
            ties |= literal.condition.ties
    return ties


def _takes_from(exclusion: Literal, has: KeyCondition) -> bool:
    condition = exclusion.condition
    return isinstance(condition, KeyCondition) and _left(has, condition.keys, condition.ties) != (
        has.keys, has.ties)


def _remains(has: KeyCondition, forbidden: frozenset[Key], forbidden_ties: Relations) -> bool:
    return _left(has, forbidden, forbidden_ties) != (frozenset(), 0)


def _left(
    has: KeyCondition, forbidden: frozenset[Key], forbidden_ties: Relations,
) -> tuple[frozenset[Key], Relations]:
    """What is left of a condition if some keys and relations are forbidden."""
    keys = frozenset(key for key in has.keys if not implied(key) & forbidden)
    ties = has.ties & ~forbidden_ties
    for tie, weaker in _WEAKER_TIES.items():
        if weaker & forbidden_ties:
            ties &= ~tie
    return keys, ties


def implied(key: Key) -> frozenset[Key]:
    """All keys that a message with this key is certain to have, this key included."""
    kind, value = key
    if kind in _WEAKER_KINDS:
        return frozenset({key, (_WEAKER_KINDS[kind], value)})
    if kind is KeyKind.PACKAGE and "/" in value:
        return frozenset({key, (kind, value.partition("/")[2])})
    return frozenset({key})


def covers(wide: KeyCondition, narrow: KeyCondition) -> bool:
    """Whether the wide condition holds for all messages and users for which the narrow one does."""
    ties = wide.ties
    for tie, weaker in _WEAKER_TIES.items():
        if weaker & ties:
            ties |= tie
    return not narrow.ties & ~ties and all(implied(key) & wide.keys for key in narrow.keys)


def _of_no_kind(literals: Sequence[Literal], kinds: MessageKinds) -> Sequence[Literal] | None:
    """Literals that leave no message kind over: one or two if possible, else all about kinds."""
    left = [(literal, kinds.left_by(literal)) for literal in literals]
    left = [(literal, bits) for literal, bits in left if bits != kinds.all]
    together = kinds.all
    for _, bits in left:
        together &= bits
    if together or not left:
        return None
    for literal, bits in left:
        if not bits:
            return [literal]
    for (one, its), (other, others) in combinations(left, 2):
        if not its & others:
            return [one, other]
    return [literal for literal, _ in left]


def _by_several(wanted: Sequence[Literal]) -> Sequence[Literal] | None:
    """Two literals that require different agents."""
    actors = [
        literal for literal in wanted
        if isinstance(literal.condition, KeyCondition) and literal.condition.keys
        and not literal.condition.ties
        and all(kind is KeyKind.ACTOR for kind, _ in literal.condition.keys)
    ]
    for one, other in combinations(actors, 2):
        assert isinstance(one.condition, KeyCondition)
        assert isinstance(other.condition, KeyCondition)
        if one.condition.keys.isdisjoint(other.condition.keys):
            return [one, other]
    return None
