"""Redundant rules: rules of a filter that the others imply."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fmn.filters.conditions import KeyCondition
from fmn.matching.contradictions import covers
from fmn.matching.message_kinds import MessageKinds
from fmn.matching.normal_form import Conjunction, Disjunction, Literal, NormalForm, conjuncts


def redundancies(part: NormalForm, kinds: MessageKinds) -> Iterator[tuple[Literal, Literal | None]]:
    """Rules that could be left out, each with the rule that implies it, if it's one alone.

    Of two equivalent rules, the first is found. Leaving out all that are found changes nothing.
    """
    if isinstance(part, Disjunction):
        yield from _among_alternatives(part.parts, kinds)
        return
    left = list(conjuncts([part]))
    for each in list(left):
        if isinstance(each, Literal):
            others = [other for other in left if other is not each]
            literals = [other for other in others if isinstance(other, Literal)]
            cause = next((other for other in literals if _implies(other, each, kinds)), None)
            if cause is not None or _leaves_nothing_to(each, Conjunction(tuple(others)), kinds):
                yield each, cause
                left = others


def _implies(one: Literal, other: Literal, kinds: MessageKinds) -> bool:
    """Whether the other literal holds whenever the one does."""
    if one.wanted is other.wanted and one.condition == other.condition:
        return True
    if not one.wanted:
        return not other.wanted and _narrows(other, one, kinds)
    if other.wanted:
        return _narrows(one, other, kinds)
    asked, excluded = kinds.asked(one), kinds.asked(other)
    return asked is not None and excluded is not None and not asked & excluded


def _narrows(narrow: Literal, wide: Literal, kinds: MessageKinds) -> bool:
    """Whether the wide condition holds whenever the narrow one does."""
    if not isinstance(wide.condition, KeyCondition):
        return False
    if isinstance(narrow.condition, KeyCondition) and covers(wide.condition, narrow.condition):
        return True
    asked, by_wide = kinds.asked(narrow), kinds.asked(wide)
    return asked is not None and by_wide is not None and not asked & ~by_wide


def _leaves_nothing_to(literal: Literal, others: NormalForm, kinds: MessageKinds) -> bool:
    """Whether all kinds that the others leave match a literal anyway, or none can be excluded by it."""
    asked = kinds.asked(literal)
    if asked is None:
        return False
    left = kinds.left_by(others)
    if literal.wanted:
        return isinstance(literal.condition, KeyCondition) and not left & ~asked
    return not left & asked


def _among_alternatives(
    parts: Sequence[NormalForm], kinds: MessageKinds,
) -> Iterator[tuple[Literal, Literal | None]]:
    left = [part for part in parts if isinstance(part, Literal)]
    for each in list(left):
        others = [other for other in left if other is not each]
        cause = next((other for other in others if _implies(each, other, kinds)), None)
        if cause is not None:
            yield each, cause
            left = others
