"""Shadowed filters: filters that never match, because an earlier one matches all their messages."""

from __future__ import annotations

from collections.abc import Sequence

from fmn.filters.expressions import All, AnyOf, Expression, Not, expression_digest


def shadowing_filter(expression: Expression, earlier: Sequence[tuple[str, Expression]]) -> str | None:
    """Name of the first earlier filter that requires the same or less; ``None`` if none does."""
    asked = _asked(expression)
    return next((name for name, other in earlier if _asked(other) <= asked), None)


def _asked(expression: Expression) -> frozenset[Expression]:
    """The conditions that all must hold, whatever their order and repetition."""
    match _ordered(expression):
        case All(parts) if parts:
            return frozenset(parts)
        case ordered:
            return frozenset({ordered})


def _ordered(expression: Expression) -> Expression:
    match expression:
        case Not(Not(part)):
            return _ordered(part)
        case Not(part):
            return Not(_ordered(part))
        case All(parts) if parts:
            return _joined(All, parts)
        case AnyOf(parts) if parts:
            return _joined(AnyOf, parts)
        case _:
            return expression


def _joined(join: type[All | AnyOf], parts: Sequence[Expression]) -> Expression:
    found = set[Expression]()
    for part in map(_ordered, parts):
        # ANDs in an AND are one, and so are ORs in an OR; empty ones mean something of their own.
        found.update(part.parts if isinstance(part, join) and part.parts else (part,))
    return found.pop() if len(found) == 1 else join(tuple(sorted(found, key=expression_digest)))
