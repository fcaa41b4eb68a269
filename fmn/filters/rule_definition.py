"""Rule types: one yes/no question about a message, with its form for people and for the matcher."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fmn.catalog import Argument
from fmn.errors import UserError
from fmn.filters.conditions import Condition, KeyKind

#: A rule's arguments by name.
Arguments = Mapping[str, str]


class RuleError(UserError):
    """A rule with an unknown name or bad arguments; :func:`fmn.text.sentence` completes its message."""


def accept_all(_arguments: Arguments) -> None:
    """A check that accepts any arguments."""


def unchanged(arguments: Arguments) -> Arguments:
    """The arguments of a rule that has one name for everything."""
    return arguments


@dataclass(frozen=True)
class RuleType:
    """A yes/no question about any message.

    ``condition`` makes the matcher's condition from arguments, and raises :class:`RuleError` for unusable
    ones. With ``negates`` the rule is true if its condition is false.

    ``check`` is called when a rule is saved, and raises :class:`RuleError` for values that can never match,
    such as names of nobody. Rules that were saved earlier keep their meaning. ``offered`` is false for rules
    of applications that are gone.

    ``canonical`` replaces other names of what arguments name by the ids that are stored.

    With ``keys_by_value`` each value that an argument lists, other than "me", becomes a key or several, and
    the condition depends on it in no other way. With ``atoms`` its argument "pattern" is a regular
    expression, for a check with the pattern's required atoms of this kind. The index relies on both.
    """

    name: str
    title: str
    help: str
    application: str
    condition: Callable[[Arguments], Condition]
    arguments: tuple[Argument, ...] = ()
    negates: bool = False
    offered: bool = True
    keys_by_value: bool = False
    atoms: KeyKind | None = None
    check: Callable[[Arguments], None] = accept_all
    canonical: Callable[[Arguments], Arguments] = unchanged
