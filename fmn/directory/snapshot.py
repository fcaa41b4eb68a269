"""Who owns which package and who is in which group, as one value that never changes."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import chain

from fmn.catalog import Package

#: People by package.
People = Mapping[str, tuple[str, ...]]

#: People by namespace and package, the way round that a message asks.
Ownership = Mapping[str, People]

#: Marks the name of a group among people.
GROUP_MARK = "@"

#: Bytes of a version: far too many for two contents to share one by chance.
VERSION_BYTES = 16

_NO_PACKAGES: People = {}
_NO_GROUPS: frozenset[str] = frozenset()


class Relation(StrEnum):
    """What somebody has to do with a package."""

    ANY = "any"
    COMMIT = "commit"
    WATCH = "watch"


@dataclass(frozen=True)
class Directory:
    """A snapshot of whole maps. Two with the same content have the same :attr:`version`.

    In ``committers`` and ``watchers`` a group is written ``@group``. ``aliases`` leads from IRC nicks
    and e-mail addresses, both in lower case, to accounts. Where ``email_domain`` is set, people
    without an entry in ``addresses`` are reached at ``account@email_domain``.
    """

    committers: Ownership = field(default_factory=dict)
    watchers: Ownership = field(default_factory=dict)
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)
    ircnicks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    email_domain: str = ""
    version: str = ""

    def __post_init__(self) -> None:
        if not self.version:
            object.__setattr__(self, "version", _fingerprint(self))

    def owners(self, package: Package, relation: Relation) -> frozenset[str]:
        """The people who have the relation to the package, members of groups among them.

        A package without a namespace is looked for in all namespaces.
        """
        named = set[str]()
        for ownership in self._ownerships(relation):
            for namespace in (package.namespace,) if package.namespace else ownership:
                named.update(ownership.get(namespace, _NO_PACKAGES).get(package.name, ()))
        groups = [name for name in named if name.startswith(GROUP_MARK)]
        if not groups:
            return frozenset(named)
        return frozenset(named.difference(groups).union(*map(self._members, groups)))

    def groups_of(self, nick: str) -> frozenset[str]:
        """The groups that somebody is a member of, without the mark."""
        return self._groups_by_nick.get(nick, _NO_GROUPS)

    def account(self, name: str) -> str | None:
        """The account of an IRC nick or an e-mail address, ``None`` if nobody is known to have it."""
        name = name.lower()
        known = self.aliases.get(name)
        if known is None and self.email_domain:
            local, _, domain = name.rpartition("@")
            return local if local and domain == self.email_domain.lower() else None
        return known

    def address(self, account: str) -> str | None:
        """The e-mail address of an account, ``None`` if it isn't known."""
        known = self.addresses.get(account)
        return f"{account}@{self.email_domain}" if known is None and self.email_domain else known

    def _ownerships(self, relation: Relation) -> Iterator[Ownership]:
        if relation is not Relation.WATCH:
            yield self.committers
        if relation is not Relation.COMMIT:
            yield self.watchers

    def _members(self, group: str) -> frozenset[str]:
        return self.groups.get(group.removeprefix(GROUP_MARK), _NO_GROUPS)

    @cached_property
    def _groups_by_nick(self) -> Mapping[str, frozenset[str]]:
        # Most of a million people are in the same few sets of groups, so each set exists once.
        by_nick: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
        grown: dict[tuple[frozenset[str], str], frozenset[str]] = {}
        for group, members in self.groups.items():
            for nick in members:
                step = (by_nick[nick], group)
                if step not in grown:
                    grown[step] = step[0] | {group}
                by_nick[nick] = grown[step]
        return dict(by_nick)


def _fingerprint(directory: Directory) -> str:
    digest = hashlib.blake2b(digest_size=VERSION_BYTES)
    for line in _lines(directory):
        # Names have no control characters, so no two contents give the same bytes.
        digest.update("\n".join(line).encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()


def _lines(directory: Directory) -> Iterator[Iterable[str]]:
    """The content in one order, whatever order the maps are in."""
    yield "domain", directory.email_domain
    for relation, ownership in (("commit", directory.committers), ("watch", directory.watchers)):
        for namespace, packages in sorted(ownership.items()):
            for package, people in sorted(packages.items()):
                yield relation, namespace, package, *people
    for group, members in sorted(directory.groups.items()):
        yield "group", group, *sorted(members)
    yield "aliases", *chain.from_iterable(sorted(directory.aliases.items()))
    yield "addresses", *chain.from_iterable(sorted(directory.addresses.items()))
    for account, nicks in sorted(directory.ircnicks.items()):
        yield "ircnicks", account, *nicks
