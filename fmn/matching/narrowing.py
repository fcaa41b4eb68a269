"""Narrowing the ledger's messages down to those that a filter may let through, in SQL.

What a filter needs at least becomes conditions on what was noted of each message. None is left out that the
filter lets through; the matcher judges each of those that remain.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import Final

from sqlalchemy import ColumnElement, Text, and_, false, or_, type_coerce

from fmn.catalog import Catalog
from fmn.catalog.text import listed
from fmn.directory.snapshot import GROUP_MARK, Directory
from fmn.filters.conditions import ACTED, NAMED, OWNER_KINDS, Check, Has, KeyKind, Part
from fmn.filters.generic import TOPIC_RULE
from fmn.ledger.models import StoredMessage
from fmn.matching.compiler import Clause
from fmn.matching.kinds import kinds_of

#: Names to look for in a list, at most: to look for more costs more than it saves.
MOST_NAMES: Final = 40

#: Lists as they're stored.
USERNAMES: Final[ColumnElement[str]] = type_coerce(StoredMessage.usernames, Text)
PACKAGES: Final[ColumnElement[str]] = type_coerce(StoredMessage.packages, Text)
EMPTY_LIST: Final = "[]"
_ESCAPE: Final = "\\"
#: Kinds of keys that have a column to themselves.
_IN_COLUMNS: Final = frozenset({KeyKind.CATEGORY, KeyKind.EVENT, KeyKind.SEVERITY, KeyKind.ACTOR})

Condition = ColumnElement[bool]


class Narrowing:
    """Makes conditions for what concerns one person."""

    def __init__(self, catalog: Catalog, directory: Directory, nick: str) -> None:
        self._catalog = catalog
        self._directory = directory
        self._nick = nick

    def condition(self, clause: Clause) -> Condition:
        """What every message has that the clause lets through."""
        return and_(
            # Databases ask in this order, and looking for names in lists takes longest.
            *(self._one_of(has) for has in sorted(clause.required, key=_looks_into_lists)),
            *(or_(*map(self.condition, either)) for either in clause.alternatives),
            *(condition for check, wanted in clause.checks if wanted for condition in _by_check(check)),
            StoredMessage.matched_at.is_not(None))

    def _one_of(self, has: Has) -> Condition:
        packages = _values(has, KeyKind.PACKAGE).union(*map(self._packages_of, self._owners(has)))
        return or_(
            false(), *self._of_kind(has), *_by_actor(self._actors(has)),
            *_in_list(USERNAMES, self._people(has), ('"{}"',)),
            *_in_list(PACKAGES, packages, ('"{}"', '/{}"')))

    def _of_kind(self, has: Has) -> Iterator[Condition]:
        levels = _values(has, KeyKind.SEVERITY)
        events = _values(has, KeyKind.EVENT).union(
            kind.event for kind in kinds_of(self._catalog).numbered if kind.severity in levels)
        if categories := _values(has, KeyKind.CATEGORY):
            yield StoredMessage.category.in_(sorted(categories))
        if events:
            yield StoredMessage.event.in_(sorted(events))
            yield StoredMessage.event.is_(None)

    def _people(self, has: Has) -> Collection[str]:
        groups = _values(has, KeyKind.GROUP)
        people = _values(has, KeyKind.USER).union(
            *(self._directory.groups.get(group, ()) for group in groups))
        return people | {self._nick} if has.ties & NAMED else people

    def _actors(self, has: Has) -> Collection[str]:
        actors = _values(has, KeyKind.ACTOR)
        return actors | {self._nick} if has.ties & ACTED else actors

    def _owners(self, has: Has) -> Collection[str]:
        owners = frozenset[str]().union(*(_values(has, kind) for kind in OWNER_KINDS))
        return owners | {self._nick} if has.ties & ~(NAMED | ACTED) else owners

    def _packages_of(self, nick: str) -> frozenset[str]:
        """The names of somebody's packages, in whatever namespace."""
        owners = {nick, *(f"{GROUP_MARK}{group}" for group in self._directory.groups_of(nick))}
        return frozenset(
            package
            for ownership in (self._directory.committers, self._directory.watchers)
            for packages in ownership.values()
            for package, people in packages.items() if not owners.isdisjoint(people))


def _looks_into_lists(has: Has) -> bool:
    return bool(has.ties & ~ACTED) or any(kind not in _IN_COLUMNS for kind, _ in has.keys)


def _values(has: Has, wanted: KeyKind) -> frozenset[str]:
    return frozenset(value for kind, value in has.keys if kind is wanted)


def _by_check(check: Check) -> Iterator[Condition]:
    if check.rule == TOPIC_RULE:
        globs = listed(dict(check.arguments)["pattern"])
        yield or_(*(StoredMessage.topic.like(_like(glob), escape=_ESCAPE) for glob in globs))
    elif check.reads == {Part.PACKAGES}:
        yield PACKAGES != EMPTY_LIST


def _like(glob: str) -> str:
    return re.sub(r"[\\%_]", rf"\{_ESCAPE}\g<0>", glob).replace("*", "%")


def _by_actor(nicks: Collection[str]) -> Iterator[Condition]:
    if nicks:
        yield StoredMessage.agent.in_(sorted(nicks))


def _in_list(
    column: ColumnElement[str], names: Collection[str], written: tuple[str, ...],
) -> Iterator[Condition]:
    """Conditions for a list to hold one of the names; the ways in which one may be written have braces."""
    if len(names) > MOST_NAMES:
        yield column != EMPTY_LIST
        return
    for name in sorted(names):
        in_json = json.dumps(name)[1:-1]
        for way in written:
            yield column.contains(way.format(in_json), autoescape=True)
