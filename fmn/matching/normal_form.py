"""Negation normal form of expressions: every "not" is pushed down to the rules.

The compiler's clauses are for evaluation and lose which rule a condition came from; this form keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fmn.filters.conditions import Condition
from fmn.filters.expressions import All, AnyOf, Expression, Not, Rule
from fmn.filters.rule_types import RuleTypes


@dataclass(frozen=True, slots=True)
class Literal:
    """A condition that must hold (``wanted``) or must not. ``negated`` is how its rule is written."""

    rule: Rule
    condition: Condition
    wanted: bool
    negated: bool


@dataclass(frozen=True, slots=True)
class Conjunction:
    """All parts must hold; an empty one always holds."""

    parts: tuple[NormalForm, ...]


@dataclass(frozen=True, slots=True)
class Disjunction:
    """One part must hold; an empty one never holds."""

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
    """The parts of a conjunction, without conjunctions within conjunctions."""
    for part in parts:
        if isinstance(part, Conjunction):
            yield from conjuncts(part.parts)
        else:
            yield part


def literals_in(part: NormalForm) -> Iterator[Literal]:
    """All literals, in reading order."""
    if isinstance(part, Literal):
        yield part
    else:
        for inner in part.parts:
            yield from literals_in(inner)
