"""SQL prefilter: conditions that narrow the ledger's messages down to a filter's candidates.

The minimum that a filter requires becomes conditions on the stored facts. No message that the filter matches
is left out; the caller evaluates those that remain.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import Final

from sqlalchemy import ColumnElement, Text, and_, false, or_, type_coerce

from fmn.catalog import Catalog
from fmn.directory.snapshot import GROUP_MARK, Directory, Relation
from fmn.filters.conditions import (
    ACTED,
    IN_GROUP,
    NAMED,
    NOT_BY_PACKAGE,
    PERSON_OWNER_KINDS,
    CheckCondition,
    KeyCondition,
    KeyKind,
    MessagePart,
)
from fmn.filters.generic_rules import TOPIC_RULE
from fmn.infra.sql_functions import ascii_lower, position
from fmn.ledger.models import StoredMessage
from fmn.ledger.name_indexes import may_have_name
from fmn.matching.body_atoms import BODY_RULES, StoredAtoms, stored_atoms
from fmn.matching.compiler import Clause
from fmn.matching.message_kinds import kinds_of
from fmn.text import split_list

#: Names to look for in a list, at most: to look for more costs more than it saves.
MAX_NAMES: Final = 40
#: Texts to search each message for, and walks through the directory, at most; a walk takes as long as ten
#: such searches. Neither the database nor a walk can be stopped when the time is up, so there's an end to
#: what a filter with hundreds of names costs: past it, less is narrowed down and more is judged.
MAX_SEARCHES: Final = 3 * MAX_NAMES
MAX_WALKS: Final = 2

#: Searching a body takes as long as so many searches of a list, and two conjuncts of a rule leave little.
BODY_SEARCHES: Final = 10
MAX_CONJUNCTS: Final = 2

#: A body and lists as they're stored.
BODY: Final[ColumnElement[str]] = type_coerce(StoredMessage.body, Text)
USERNAMES: Final[ColumnElement[str]] = type_coerce(StoredMessage.usernames, Text)
GROUPS: Final[ColumnElement[str]] = type_coerce(StoredMessage.groups, Text)
PACKAGES: Final[ColumnElement[str]] = type_coerce(StoredMessage.packages, Text)
#: The lists' names in the database, for its indexes.
_COLUMN_NAMES: Final = {USERNAMES: "usernames", GROUPS: "groups", PACKAGES: "packages"}
EMPTY_LIST: Final = "[]"
_ESCAPE: Final = "\\"
#: Kinds of keys that have a column to themselves.
_IN_COLUMNS: Final = frozenset({KeyKind.CATEGORY, KeyKind.EVENT, KeyKind.SEVERITY, KeyKind.ACTOR})

Condition = ColumnElement[bool]


class SqlPrefilter:
    """Makes the conditions for one user's filters."""

    def __init__(self, catalog: Catalog, directory: Directory, nick: str) -> None:
        self._catalog = catalog
        self._directory = directory
        self._nick = nick
        self._searches = MAX_SEARCHES
        self._packages: dict[frozenset[str], frozenset[str] | None] = {}

    def condition(self, clause: Clause) -> Condition:
        """A condition that holds for every message that the clause matches."""
        return and_(
            # Databases ask in this order, and looking for names in lists takes longest.
            *(self._one_of(has) for has in sorted(clause.required, key=_looks_into_lists)),
            *(or_(*map(self.condition, either)) for either in clause.alternatives),
            *(condition for check, wanted in clause.checks if wanted for condition in self._by_check(check)),
            StoredMessage.matched_at.is_not(None))

    def _one_of(self, has: KeyCondition) -> Condition:
        return or_(
            false(), *self._of_kind(has), *_by_actor(self._actors(has)),
            *self._in_list(USERNAMES, self._people(has), ('"{}"',)),
            *self._in_list(GROUPS, self._groups(has), ('"{}"',)),
            *self._in_list(PACKAGES, self._packages_for(has), ('"{}"', '/{}"')))

    def _in_list(
        self, column: ColumnElement[str], names: Collection[str] | None, written: tuple[str, ...],
    ) -> Iterator[Condition]:
        """Conditions for a JSON list to contain one of the names; ``None`` stands for any list.

        Ways to write a name have braces.
        """
        if names is None or len(names) > MAX_NAMES or not self._affords(len(names) * len(written)):
            yield column != EMPTY_LIST
            return
        if in_json := [json.dumps(name)[1:-1] for name in sorted(names)]:
            ways = (
                column.contains(way.format(name), autoescape=True) for name in in_json for way in written)
            yield and_(may_have_name(_COLUMN_NAMES[column], in_json), or_(*ways))

    def _affords(self, searches: int) -> bool:
        """Reserve room for so many more conditions; false if there is none."""
        if searches > self._searches:
            return False
        self._searches -= searches
        return True

    def _by_check(self, check: CheckCondition) -> Iterator[Condition]:
        if check.rule == TOPIC_RULE:
            globs = split_list(dict(check.arguments)["pattern"])
            if self._affords(len(globs)):
                yield or_(*(StoredMessage.topic.like(_like(glob), escape=_ESCAPE) for glob in globs))
        elif check.rule in BODY_RULES:
            yield from self._contain(BODY, stored_atoms(check))
        elif check.reads == {MessagePart.PACKAGES}:
            yield PACKAGES != EMPTY_LIST
            yield from self._contain(PACKAGES, stored_atoms(check))

    def _contain(self, column: ColumnElement[str], atoms: StoredAtoms) -> Iterator[Condition]:
        """Conditions for a text to contain an atom of each conjunct, as far as they can be afforded."""
        cost = BODY_SEARCHES if column is BODY else 1
        text = column if atoms.cased else ascii_lower(column)
        for conjunct in atoms.conjuncts[:MAX_CONJUNCTS]:
            if self._affords(cost * len(conjunct)):
                yield or_(*(position(text, atom) > 0 for atom in sorted(conjunct)))

    def _of_kind(self, has: KeyCondition) -> Iterator[Condition]:
        levels = _values(has, KeyKind.SEVERITY)
        events = _values(has, KeyKind.EVENT).union(
            kind.event for kind in kinds_of(self._catalog).numbered if kind.severity in levels)
        if categories := _values(has, KeyKind.CATEGORY):
            yield StoredMessage.category.in_(sorted(categories))
        if events:
            yield StoredMessage.event.in_(sorted(events))
            yield StoredMessage.event.is_(None)

    def _people(self, has: KeyCondition) -> Collection[str]:
        groups = _values(has, KeyKind.GROUP)
        people = _values(has, KeyKind.USER).union(
            *(self._directory.groups.get(group, ()) for group in groups))
        return people | {self._nick} if has.ties & NAMED else people

    def _groups(self, has: KeyCondition) -> Collection[str]:
        members = _values(has, KeyKind.MEMBER) | ({self._nick} if has.ties & IN_GROUP else set())
        return _values(has, KeyKind.ABOUT_GROUP).union(*map(self._directory.groups_of, members))

    def _actors(self, has: KeyCondition) -> Collection[str]:
        actors = _values(has, KeyKind.ACTOR)
        return actors | {self._nick} if has.ties & ACTED else actors

    def _packages_for(self, has: KeyCondition) -> frozenset[str] | None:
        """Names of the packages that it requires, in any namespace; ``None`` if any will do."""
        asked, owners = _values(has, KeyKind.PACKAGE), self._owners(has)
        if not owners:
            return asked
        if owners not in self._packages:
            walks = len(self._packages) < MAX_WALKS
            self._packages[owners] = frozenset(
                self._directory.packages_of(owners, Relation.ANY)) if walks else None
        owned = self._packages[owners]
        return None if owned is None else asked | owned

    def _owners(self, has: KeyCondition) -> frozenset[str]:
        """Users and ``@groups`` of whose packages it requires one."""
        groups = (f"{GROUP_MARK}{group}" for group in _values(has, KeyKind.GROUP_COMMITS))
        owners = frozenset(groups).union(*(_values(has, kind) for kind in PERSON_OWNER_KINDS))
        return owners | {self._nick} if has.ties & ~NOT_BY_PACKAGE else owners


def _looks_into_lists(has: KeyCondition) -> bool:
    return bool(has.ties & ~ACTED) or any(kind not in _IN_COLUMNS for kind, _ in has.keys)


def _values(has: KeyCondition, wanted: KeyKind) -> frozenset[str]:
    return frozenset(value for kind, value in has.keys if kind is wanted)


def _like(glob: str) -> str:
    return re.sub(r"[\\%_]", rf"\{_ESCAPE}\g<0>", glob).replace("*", "%")


def _by_actor(nicks: Collection[str]) -> Iterator[Condition]:
    if nicks:
        yield StoredMessage.agent.in_(sorted(nicks))
