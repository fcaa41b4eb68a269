"""Expressions with every "not" pushed down to the rules, so that one can reason about them.

The compiler's clauses are for being evaluated and forget which rule said what; these remember.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fmn.filters.conditions import Condition
from fmn.filters.expressions import All, AnyOf, Expression, Not, Rule
from fmn.filters.rule_types import RuleTypes


@dataclass(frozen=True, slots=True)
class Literal:
    """A condition that must hold (``wanted``) or mustn't. ``negated`` is how its rule is written."""

    rule: Rule
    condition: Condition
    wanted: bool
    negated: bool


@dataclass(frozen=True, slots=True)
class Conjunction:
    """All of the parts must hold; without any it always does."""

    parts: tuple[NormalForm, ...]


@dataclass(frozen=True, slots=True)
class Disjunction:
    """One of the parts must hold; without any it never does."""

    parts: tuple[NormalForm, ...]


NormalForm = Literal | Conjunction | Disjunction


def normal_form(expression: Expression, rule_types: RuleTypes, *, negated: bool = False) -> NormalForm:
    """An expression's normal form. Raises :class:`~fmn.filters.rule_types.RuleError`."""
    match expression:
        case Rule():
            condition, negates = rule_types.condition(expression)
            return Literal(expression, condition, negated is negates, negated)
        case Not(part):
            return normal_form(part, rule_types, negated=not negated)
        case All(()):  # an empty filter hears nothing
            return Conjunction(()) if negated else Disjunction(())
        case All(parts) | AnyOf(parts):
            inner = tuple(normal_form(part, rule_types, negated=negated) for part in parts)
            return Disjunction(inner) if isinstance(expression, AnyOf) is not negated else Conjunction(inner)


def conjuncts(parts: Iterable[NormalForm]) -> Iterator[Literal | Disjunction]:
    """What must hold for all the parts to hold, without any ANDs within ANDs."""
    for part in parts:
        if isinstance(part, Conjunction):
            yield from conjuncts(part.parts)
        else:
            yield part


def literals_in(part: NormalForm) -> Iterator[Literal]:
    """Every literal, in reading order."""
    if isinstance(part, Literal):
        yield part
    else:
        for inner in part.parts:
            yield from literals_in(inner)
