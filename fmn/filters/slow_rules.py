"""Slow rules: patterns that the matcher has to try with every message. Pure.

A pattern is filed under the atoms that its matches must contain (:mod:`fmn.filters.required_atoms`). One
without them, such as ``[a-z]+[0-9]``, is tried with every message unless other rules of the filter say which
messages come into question.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from fmn.filters.conditions import KeyCondition
from fmn.filters.expressions import All, AnyOf, Expression, Not, Rule
from fmn.filters.rule_definition import RuleError
from fmn.filters.rule_types import RuleTypes

_NOTHING: frozenset[Rule] = frozenset()


class _Part(NamedTuple):
    """Whether a part of a filter is true only of messages with certain keys, and its rules without any."""

    filed: bool
    unfiled: frozenset[Rule] = _NOTHING


def slow_rules(expression: Expression, types: RuleTypes) -> frozenset[Rule]:
    """The rules of a filter that are tried with every message. One that can't be evaluated never is."""
    part = _part(expression, types, wanted=True)
    return _NOTHING if part.filed else part.unfiled


def _part(expression: Expression, types: RuleTypes, *, wanted: bool) -> _Part:
    match expression:
        case Rule():
            return _rule(expression, types, wanted=wanted)
        case Not(part):
            return _part(part, types, wanted=not wanted)
        case All(parts) | AnyOf(parts):
            inner = [_part(part, types, wanted=wanted) for part in parts]
            together = any if isinstance(expression, All) is wanted else all
            return _Part(together(part.filed for part in inner), _unfiled(inner))


def _unfiled(parts: Iterable[_Part]) -> frozenset[Rule]:
    return _NOTHING.union(*(part.unfiled for part in parts))


def _rule(rule: Rule, types: RuleTypes, *, wanted: bool) -> _Part:
    try:
        condition, negates = types.condition(rule)
    except RuleError:
        return _Part(filed=True)
    wanted = wanted is not negates
    if isinstance(condition, KeyCondition):
        return _Part(wanted)
    if condition.within or (condition.atoms and condition.atoms.key):
        return _Part(wanted)
    return _Part(filed=False, unfiled=frozenset({rule}) if condition.measured else _NOTHING)
