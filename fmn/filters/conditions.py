"""What rules come down to: keys that a message has, ties between it and a person, or a call.

The matcher files filters by keys and looks only at those whose keys a message has. What can't be said
in keys and ties is a :class:`Check`, which costs a call, at most one per message.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntFlag, StrEnum

from fmn.catalog import Facts
from fmn.directory.snapshot import Directory, Relation


class KeyKind(StrEnum):
    """What a key is about, the kinds that few messages share first."""

    USER = "user"
    PACKAGE = "package"
    COMMITS = "commits"
    WATCHES = "watches"
    EVENT = "event"
    GROUP = "group"
    CATEGORY = "category"


Key = tuple[KeyKind, str]


class Tie(IntFlag):
    """How a message concerns a person."""

    NAMED = 1
    COMMITS = 2
    WATCHES = 4
    ACTED = 8


@dataclass(frozen=True, slots=True)
class Has:
    """True if the message has one of the keys, or concerns the filter's owner by one of the ties."""

    keys: frozenset[Key] = frozenset()
    ties: Tie = Tie(0)


@dataclass(frozen=True, slots=True)
class Check:
    """True if ``holds`` says so. Equal rule and arguments make equal checks, asked once per message."""

    rule: str
    arguments: tuple[tuple[str, str], ...]
    holds: Callable[[Subject], bool] = field(compare=False)


Condition = Has | Check


class Subject:
    """A message as checks see it; what's costly to make is made when first asked for."""

    __slots__ = ("_text", "facts")

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._text: str | None = None

    @property
    def text(self) -> str:
        """The message's body as JSON text, which regular expressions search."""
        if self._text is None:
            self._text = json.dumps(self.facts.message.body, ensure_ascii=False)
        return self._text


def keys_of(facts: Facts, directory: Directory) -> set[Key]:
    """The keys of a message, but for those of literal package owners, see :func:`owner_keys`."""
    keys: set[Key] = {
        (KeyKind.EVENT, facts.event.name),
        (KeyKind.CATEGORY, facts.message.category),
    }
    for nick in facts.usernames:
        keys.add((KeyKind.USER, nick))
        for group in directory.groups_of(nick):
            keys.add((KeyKind.GROUP, group))
    for package in facts.packages:
        keys.add((KeyKind.PACKAGE, package.name))
        keys.add((KeyKind.PACKAGE, str(package)))
    return keys


def owner_keys(owners: Mapping[str, Tie]) -> set[Key]:
    """The keys of people who own the message's packages, given by nick."""
    keys: set[Key] = set()
    for nick, tie in owners.items():
        if tie & Tie.COMMITS:
            keys.add((KeyKind.COMMITS, nick))
        if tie & Tie.WATCHES:
            keys.add((KeyKind.WATCHES, nick))
    return keys


def owners_of(facts: Facts, directory: Directory) -> dict[str, Tie]:
    """Who owns the message's packages, and how, by nick."""
    owners: dict[str, Tie] = {}
    for package in facts.packages:
        for nick in directory.owners(package, Relation.COMMIT):
            owners[nick] = owners.get(nick, Tie(0)) | Tie.COMMITS
        for nick in directory.owners(package, Relation.WATCH):
            owners[nick] = owners.get(nick, Tie(0)) | Tie.WATCHES
    return owners
