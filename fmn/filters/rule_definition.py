"""Kinds of rules: one question that can be asked of any message, as people see it and as the matcher does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fmn.catalog import Argument
from fmn.errors import UserError
from fmn.filters.conditions import Condition

#: A rule's arguments by name.
Arguments = Mapping[str, str]


class RuleError(UserError):
    """A rule with an unknown name or bad arguments; :func:`fmn.text.sentence` completes its message."""


def accept_all(_arguments: Arguments) -> None:
    """The check of rules that take any argument."""


@dataclass(frozen=True)
class RuleType:
    """One question that can be asked of any message.

    ``condition`` turns arguments into what the matcher evaluates, and raises :class:`RuleError` for
    arguments that mean nothing. With ``negates`` the rule holds when its condition doesn't.

    ``check`` is asked besides when a rule is saved, and raises :class:`RuleError` for what can't come true:
    names of nobody and nothing. Rules that were saved before go on with what they always meant.
    ``offered`` is false for rules whose application is gone.
    """

    name: str
    title: str
    help: str
    application: str
    condition: Callable[[Arguments], Condition]
    arguments: tuple[Argument, ...] = ()
    negates: bool = False
    offered: bool = True
    check: Callable[[Arguments], None] = accept_all
