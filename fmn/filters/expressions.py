"""Expressions: rules joined by AND, OR and NOT, as immutable values.

A rule is one yes/no question with text arguments. The argument :data:`ME` stands for the filter's owner, so
that everybody's "a package that I own" is the same expression: stored, compiled and indexed once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

#: The filter's owner. No account name can look like this.
ME = "@me"
#: The argument that names accounts, in every rule that has one; FMN 2 users know it by this name.
ACCOUNT_ARGUMENT = "fasnick"
#: Expressions within expressions, at most. People who think stop far earlier; whoever doesn't would
#: otherwise find out how deep our recursion can go.
MAX_DEPTH = 50
#: Characters of what can't be read in an error.
SHOWN = 100


class MalformedExpressionError(ValueError):
    """Stored or imported JSON that is no expression."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule's name and its arguments by name, sorted by name."""

    name: str
    arguments: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, name: str, arguments: Mapping[str, str] | None = None) -> Rule:
        """Make a rule from a mapping of arguments."""
        return cls(name, tuple(sorted((arguments or {}).items())))

    def __getitem__(self, argument: str) -> str:
        return dict(self.arguments)[argument]


@dataclass(frozen=True, slots=True)
class Not:
    """True if its part is false."""

    part: Expression


@dataclass(frozen=True, slots=True)
class All:
    """True if every part is true. Without parts it's false: an empty filter matches nothing."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True if one of its parts is true."""

    parts: tuple[Expression, ...]


Expression = Rule | Not | All | AnyOf


def rules_in(expression: Expression) -> Iterator[Rule]:
    """All rules of an expression, in reading order."""
    match expression:
        case Rule():
            yield expression
        case Not(part):
            yield from rules_in(part)
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from rules_in(part)


def is_too_deep(expression: Expression) -> bool:
    """Whether it is nested deeper than :data:`MAX_DEPTH`."""
    level: list[Expression] = [expression]
    for _ in range(MAX_DEPTH + 1):
        level = [inner for each in level for inner in _parts(each)]
    return bool(level)


def _parts(expression: Expression) -> tuple[Expression, ...]:
    match expression:
        case Rule():
            return ()
        case Not(part):
            return (part,)
        case All(parts) | AnyOf(parts):
            return parts


def with_me(expression: Expression, nick: str) -> Expression:
    """The expression with :data:`ME` in place of its owner's username ``nick``."""
    match expression:
        case Rule(name, arguments):
            return Rule(name, tuple(
                (key, _with_me(value, nick) if key == ACCOUNT_ARGUMENT else value)
                for key, value in arguments))
        case Not(part):
            return Not(with_me(part, nick))
        case All(parts):
            return All(tuple(with_me(part, nick) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(with_me(part, nick) for part in parts))


def _with_me(value: str, nick: str) -> str:
    return ",".join(ME if part.strip() == nick else part.strip() for part in value.split(","))


def expression_to_json(expression: Expression) -> Any:
    """The expression as JSON.

    ``{"rule": …, "with": {…}}``, ``{"not": …}``, ``{"all": […]}`` or ``{"any": […]}``.
    """
    match expression:
        case Rule(name, arguments):
            return {"rule": name, "with": dict(arguments)} if arguments else {"rule": name}
        case Not(part):
            return {"not": expression_to_json(part)}
        case All(parts):
            return {"all": [expression_to_json(part) for part in parts]}
        case AnyOf(parts):
            return {"any": [expression_to_json(part) for part in parts]}


def expression_from_json(value: Any) -> Expression:
    """Read JSON of :func:`expression_to_json`. Raises :class:`MalformedExpressionError`."""
    return _read(value, MAX_DEPTH)


def _read(value: Any, depth: int) -> Expression:
    if depth < 0:
        raise MalformedExpressionError(f"an expression can't be nested deeper than {MAX_DEPTH} levels")
    match value:
        case {"rule": str(name), **rest} if rest.keys() <= {"with"}:
            return Rule.of(name, _arguments(rest.get("with", {})))
        case {"not": part, **rest} if not rest:
            return Not(_read(part, depth - 1))
        case {"all": list(parts), **rest} if not rest:
            return All(tuple(_read(part, depth - 1) for part in parts))
        case {"any": list(parts), **rest} if not rest:
            return AnyOf(tuple(_read(part, depth - 1) for part in parts))
    raise MalformedExpressionError(f"no expression: {_start(value)}")


def _arguments(value: Any) -> Mapping[str, str]:
    if isinstance(value, dict) and all(isinstance(v, str) for v in value.values()):
        return value
    raise MalformedExpressionError(f"arguments must be texts by name: {_start(value)}")


def _start(value: Any) -> str:
    return repr(value)[:SHOWN]


def expression_digest(expression: Expression) -> str:
    """Identity of an expression: the SHA-256 of its JSON, in hex."""
    text = json.dumps(expression_to_json(expression), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
