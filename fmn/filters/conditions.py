"""Conditions: the form in which the matcher evaluates rules, as keys, relations to a person, or calls.

The matcher indexes filters by keys and looks only at those whose keys a message has. A rule that keys and
relations can't express is a :class:`CheckCondition`, which costs one call per message at most.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from fmn.catalog import Facts, Package
from fmn.directory.snapshot import Directory, Relation
from fmn.filters.required_atoms import Conjuncts, fold, fold_text, without_characters


class KeyKind(StrEnum):
    """Kinds of index keys, those that few messages share first."""

    USER = "user"
    ACTOR = "actor"
    PACKAGE = "package"
    #: A group that the message concerns.
    ABOUT_GROUP = "about group"
    #: A member of a group that the message concerns.
    MEMBER = "member"
    COMMITS_EXACTLY = "commits exactly"
    WATCHES_EXACTLY = "watches exactly"
    COMMITS = "commits"
    WATCHES = "watches"
    #: A group that may commit to a package as such, in the package's namespace.
    GROUP_COMMITS = "group commits"
    #: Atoms in the names of a message's packages, in its text and in its topic. Such a key says them itself,
    #: see :attr:`RequiredAtoms.key`; which of them a message has is found by scanning it.
    PACKAGE_ATOMS = "package atoms"
    TEXT_ATOMS = "text atoms"
    EVENT = "event"
    TOPIC_ATOMS = "topic atoms"
    #: A group of somebody whom the message names.
    GROUP = "group"
    CATEGORY = "category"
    SEVERITY = "severity"


Key = tuple[KeyKind, str]

#: Characters of an atom by which filters are filed. Nearly every message has any one character somewhere.
MIN_KEY_ATOM: Final = 2
#: What no searched text has, or what separates atoms in a key: control characters, halves of surrogate pairs.
UNSEARCHABLE: Final = re.compile("[\x00-\x1f\ud800-\udfff]+")
#: The same, and what JSON texts have a backslash before.
UNSEARCHABLE_IN_FIELDS: Final = re.compile(r'["\\\x00-\x1f\ud800-\udfff]+')

_AS_JSON: Final = json.JSONEncoder(ensure_ascii=False).encode

#: How a message concerns a person, as a sum of the numbers below. An enumeration of flags would say it more
#: nicely, and cost more than all the rest of matching. Those about packages come twice: for packages of the
#: name in whatever namespace, and "exactly" for those in the namespace that the message tells.
Relations = int
NAMED: Final[Relations] = 1
COMMITS_TO: Final[Relations] = 2
WATCHES_IT: Final[Relations] = 4
COMMITS_EXACTLY: Final[Relations] = 8
WATCHES_EXACTLY: Final[Relations] = 16
ACTED: Final[Relations] = 32
#: The person is in a group that the message concerns.
IN_GROUP: Final[Relations] = 64
#: Relations that have nothing to do with packages.
NOT_BY_PACKAGE: Final[Relations] = NAMED | ACTED | IN_GROUP


class MessagePart(StrEnum):
    """Parts of a message that a check may read, besides its event type and category."""

    TOPIC = "topic"
    PEOPLE = "people"
    PACKAGES = "packages"
    GROUPS = "groups"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class KeyCondition:
    """True if the message has one of the keys, or one of the relations to the filter's owner."""

    keys: frozenset[Key] = frozenset()
    ties: Relations = 0


@dataclass(frozen=True, slots=True)
class RequiredAtoms:
    """Atoms that are in one part of a message wherever a check is true: one of each conjunct.

    See :mod:`fmn.filters.required_atoms`; ``kind`` is that of the part.
    """

    kind: KeyKind
    conjuncts: tuple[tuple[str, ...], ...]

    @classmethod
    def of(
        cls, kind: KeyKind, found: Conjuncts, unsearchable: re.Pattern[str] = UNSEARCHABLE,
    ) -> RequiredAtoms:
        """Conjuncts without characters that can't be searched for in this part."""
        return cls(kind, tuple(
            tuple(sorted(each)) for each in without_characters(found, unsearchable)))

    @property
    def key(self) -> Key | None:
        """The index key: the conjuncts that are long enough to file filters by, if there are any.

        Conjuncts are separated by line ends, and their atoms by tabs, which no atom has.
        """
        wanted = ["\t".join(each) for each in self.conjuncts if min(map(len, each)) >= MIN_KEY_ATOM]
        return (self.kind, "\n".join(wanted)) if wanted else None

    def found_in(self, message: CheckedMessage) -> bool:
        """Whether a message has them."""
        text = message.searched(self.kind)
        for either in self.conjuncts:  # mostly of one atom, for which any() would take ten times as long
            if either[0] not in text and not any(atom in text for atom in either):
                return False
        return True


@dataclass(frozen=True, slots=True)
class CheckCondition:
    """True if the predicate ``holds`` is true. Equal checks are evaluated once per message.

    Checks are equal if their rule and arguments are. With ``within`` a check is true only of messages with
    one of these keys, and isn't evaluated for others; the same goes for ``atoms``. ``reads`` are the parts of
    the message that it reads. A check with a compiled pattern, of ``program`` instructions, and one that
    ``walks`` through bodies take as long as their owner's input makes them.
    """

    rule: str
    arguments: tuple[tuple[str, str], ...]
    holds: Callable[[CheckedMessage], bool] = field(compare=False)
    within: frozenset[Key] = field(default=frozenset(), compare=False)
    reads: frozenset[MessagePart] = field(default=frozenset(MessagePart), compare=False)
    program: int = field(default=0, compare=False)
    atoms: RequiredAtoms | None = field(default=None, compare=False)
    walks: bool = field(default=False, compare=False)

    @property
    def measured(self) -> bool:
        """Whether its computing time is charged to the owners of its filters."""
        return self.walks or self.program > 0


Condition = KeyCondition | CheckCondition

_NOBODY: Final[frozenset[str]] = frozenset()

#: The kinds of people's keys that need owners to be looked up, in the order of :class:`PackageOwners`.
PERSON_OWNER_KINDS: Final = (
    KeyKind.COMMITS, KeyKind.WATCHES, KeyKind.COMMITS_EXACTLY, KeyKind.WATCHES_EXACTLY)
#: All kinds of keys that need owners to be looked up.
OWNER_KINDS: Final = (*PERSON_OWNER_KINDS, KeyKind.GROUP_COMMITS)


class CheckedMessage:
    """A message as checks see it. Costly parts are computed when first read."""

    __slots__ = ("_searched", "_text", "facts")

    def __init__(self, facts: Facts, text: bytes | None = None) -> None:
        """``text`` is :attr:`text` if it's known already."""
        self.facts = facts
        self._text = text
        self._searched: dict[KeyKind, str] | None = None

    @property
    def text(self) -> bytes:
        """The message's body as JSON in UTF-8, which regular expressions search."""
        if self._text is None:
            self._text = _AS_JSON(self.facts.message.body).encode("utf-8", "replace")
        return self._text

    def searched(self, kind: KeyKind) -> str:
        """The part of the message in which atoms of a kind are searched, folded."""
        if self._searched is None:
            self._searched = {}
        found = self._searched.get(kind)
        if found is None:
            found = self._searched[kind] = self._folded(kind)
        return found

    def _folded(self, kind: KeyKind) -> str:
        match kind:
            case KeyKind.PACKAGE_ATOMS:
                return fold_text("\n".join(package.name for package in self.facts.packages))
            case KeyKind.TOPIC_ATOMS:
                return fold_text(self.facts.message.topic)
            case _:
                return fold(self.text)


class PackageOwners(NamedTuple):
    """The people who own at least one of a message's packages, by nick.

    Exact owners own it in the namespace that the message names, the others in any namespace.
    """

    committers: frozenset[str] = _NOBODY
    watchers: frozenset[str] = _NOBODY
    exact_committers: frozenset[str] = _NOBODY
    exact_watchers: frozenset[str] = _NOBODY


def owners_of(facts: Facts, directory: Directory) -> PackageOwners:
    """The owners of the message's packages.

    FMN 2's rules about owners know packages by name alone, for most event types: the owner of ``modules/php``
    hears of ``rpms/php`` too. FMN's own rules tell them apart wherever the message does.
    """
    if not facts.packages:
        return PackageOwners()
    by_namespace = facts.event.owners_by_namespace
    committers, watchers = _owners(
        facts.packages if by_namespace else {Package("", name) for name in facts.package_names}, directory)
    if by_namespace or not any(package.namespace for package in facts.packages):
        return PackageOwners(committers, watchers, committers, watchers)
    return PackageOwners(committers, watchers, *_owners(facts.packages, directory))


def _owners(packages: Collection[Package], directory: Directory) -> tuple[frozenset[str], frozenset[str]]:
    return (
        _together([directory.owners(package, Relation.COMMIT) for package in packages]),
        _together([directory.owners(package, Relation.WATCH) for package in packages]))


def _together(owners: Sequence[frozenset[str]]) -> frozenset[str]:
    return owners[0] if len(owners) == 1 else _NOBODY.union(*owners)


def group_members(facts: Facts, directory: Directory, among: AbstractSet[str]) -> frozenset[str]:
    """Those ``among`` some people who are in one of the message's groups.

    A group may have 100,000 members, and a message may name several. So groups aren't expanded: the costs are
    those of the smaller of the group and the people, mostly few who ask about groups.
    """
    if not facts.groups or not among:
        return _NOBODY
    return _NOBODY.union(*(directory.groups.get(group, _NOBODY) & among for group in facts.groups))


def relations_of(
    facts: Facts, owners: PackageOwners, members: Collection[str] = _NOBODY,
) -> dict[str, Relations]:
    """The relations of a message to people, by nick. ``members`` are in one of its groups."""
    committers, watchers, exact_committers, exact_watchers = owners
    # Mostly nobody owns a package of the same name in another namespace.
    both = COMMITS_TO | COMMITS_EXACTLY if exact_committers == committers else COMMITS_TO
    ties = dict.fromkeys(
        watchers, WATCHES_IT | WATCHES_EXACTLY if exact_watchers == watchers else WATCHES_IT)
    for nick in committers:
        ties[nick] = ties.get(nick, 0) | both
    if exact_committers != committers or exact_watchers != watchers:
        for nick in exact_committers:
            ties[nick] |= COMMITS_EXACTLY
        for nick in exact_watchers:
            ties[nick] |= WATCHES_EXACTLY
    for nick in facts.usernames:
        ties[nick] = ties.get(nick, 0) | NAMED
    if facts.agent:
        ties[facts.agent] = ties.get(facts.agent, 0) | ACTED
    for nick in members:
        ties[nick] = ties.get(nick, 0) | IN_GROUP
    return ties


def relations_to(
    nick: str, facts: Facts, owners: PackageOwners, members: Collection[str] = _NOBODY,
) -> Relations:
    """The relations of a message to one person, as in :func:`relations_of`."""
    committers, watchers, exact_committers, exact_watchers = owners
    return (
        (COMMITS_TO if nick in committers else 0) | (WATCHES_IT if nick in watchers else 0)
        | (COMMITS_EXACTLY if nick in exact_committers else 0)
        | (WATCHES_EXACTLY if nick in exact_watchers else 0)
        | (NAMED if nick in facts.usernames else 0) | (ACTED if nick == facts.agent else 0)
        | (IN_GROUP if nick in members else 0))


def keys_of(facts: Facts, directory: Directory) -> set[Key]:
    """The index keys of a message, without those that are costly to find.

    Those are keys of its packages' owners, see :func:`owner_keys`, and of its groups' members, see
    :func:`member_keys`.
    """
    keys: set[Key] = {
        (KeyKind.EVENT, facts.event.name),
        (KeyKind.CATEGORY, facts.message.category),
        (KeyKind.SEVERITY, facts.event.severity),
    }
    if facts.agent:
        keys.add((KeyKind.ACTOR, facts.agent))
    for nick in facts.usernames:
        keys.add((KeyKind.USER, nick))
        for group in directory.groups_of(nick):
            keys.add((KeyKind.GROUP, group))
    for package in facts.packages:
        keys.add((KeyKind.PACKAGE, package.name))
        keys.add((KeyKind.PACKAGE, str(package)))
    for group in facts.groups:
        keys.add((KeyKind.ABOUT_GROUP, group))
    return keys


def member_keys(facts: Facts, directory: Directory, among: AbstractSet[str]) -> set[Key]:
    """The index keys for those ``among`` some people who are in one of the message's groups."""
    return {(KeyKind.MEMBER, nick) for nick in group_members(facts, directory, among)}


def owner_keys(
    facts: Facts, owners: PackageOwners, directory: Directory, kinds: Collection[KeyKind] = OWNER_KINDS,
) -> set[Key]:
    """The index keys of some kinds for the owners of the message's packages: people, and groups as such."""
    keys = {
        (kind, nick)
        for kind, nicks in zip(PERSON_OWNER_KINDS, owners, strict=True) if kind in kinds
        for nick in nicks
    }
    if KeyKind.GROUP_COMMITS in kinds:
        for package in facts.packages:
            keys.update((KeyKind.GROUP_COMMITS, group) for group in directory.owning_groups(package))
    return keys
