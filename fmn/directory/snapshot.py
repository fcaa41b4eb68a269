"""Directory snapshot: an immutable value with owners, watchers, groups, aliases and addresses."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import chain

from fmn.catalog import Package

#: Users by package.
People = Mapping[str, tuple[str, ...]]

#: Users by namespace and package.
Ownership = Mapping[str, People]

#: Prefix of a group's name among users.
GROUP_MARK = "@"

#: Bytes of a version's hash, too many for a collision.
VERSION_BYTES = 16

_NO_PACKAGES: People = {}
_NO_GROUPS: frozenset[str] = frozenset()


class Relation(StrEnum):
    """A user's relation to a package."""

    ANY = "any"
    COMMIT = "commit"
    WATCH = "watch"


@dataclass(frozen=True)
class Directory:
    """Directory snapshot. Snapshots with equal content have equal :attr:`version`.

    ``committers`` and ``watchers`` contain groups as ``@group``. ``aliases`` maps IRC nicks and e-mail
    addresses, in lower case, to accounts. If ``email_domain`` is set, an account without an entry in
    ``addresses`` has the address ``account@email_domain``.
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
        """The users with a relation to a package, including members of groups.

        A package without a namespace is looked up in all namespaces.
        """
        named = set[str]()
        for ownership in self._ownerships(relation):
            for namespace in (package.namespace,) if package.namespace else ownership:
                named.update(ownership.get(namespace, _NO_PACKAGES).get(package.name, ()))
        groups = [name for name in named if name.startswith(GROUP_MARK)]
        if not groups:
            return frozenset(named)
        return frozenset(named.difference(groups).union(*map(self._members, groups)))

    def owning_groups(self, package: Package) -> frozenset[str]:
        """The groups that may commit to a package as such, without the prefix. It's looked up likewise."""
        by_namespace = self.committers
        # A package may have many owners: a generator, and startswith() for each, would take twice the time.
        return frozenset([
            name[1:] for namespace in ((package.namespace,) if package.namespace else by_namespace)
            for name in by_namespace.get(namespace, _NO_PACKAGES).get(package.name, ())
            if name[:1] == GROUP_MARK])

    def packages_of(self, owners: Iterable[str], relation: Relation) -> Iterator[str]:
        """Names of the packages that users, by themselves or by their groups, or ``@groups`` are related to.

        It walks through all packages as far as it's asked; a name may come more than once.
        """
        named = frozenset(owners)
        named = named.union(f"{GROUP_MARK}{group}" for nick in named for group in self.groups_of(nick))
        for ownership in self._ownerships(relation):
            for packages in ownership.values():
                yield from (package for package, people in packages.items() if not named.isdisjoint(people))

    def groups_of(self, nick: str) -> frozenset[str]:
        """The groups of a user, without the prefix."""
        return self._groups_by_nick.get(nick, _NO_GROUPS)

    def take_groups_by_nick(self, old: Directory, changed: Collection[str]) -> None:
        """Take over the groups of each user, if known, from a directory that differs in these groups only.

        Finding them out takes a second where a million users are in groups.
        """
        known: Mapping[str, frozenset[str]] | None = old.__dict__.get("_groups_by_nick")
        if known is None:
            return
        by_nick = dict(known)
        for group in changed:
            before, after = old.groups.get(group, _NO_GROUPS), self.groups.get(group, _NO_GROUPS)
            for nick in before - after:
                by_nick[nick] -= {group}
            for nick in after - before:
                by_nick[nick] = by_nick.get(nick, _NO_GROUPS) | {group}
        self.__dict__["_groups_by_nick"] = by_nick

    def account(self, name: str) -> str | None:
        """The account of an IRC nick or an e-mail address; ``None`` if unknown."""
        name = name.lower()
        known = self.aliases.get(name)
        if known is None and self.email_domain:
            local, _, domain = name.rpartition("@")
            return local if local and domain == self.email_domain.lower() else None
        return known

    def address(self, account: str) -> str | None:
        """The e-mail address of an account; ``None`` if unknown."""
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
        # Most users are in the same few sets of groups, so each set is stored once.
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
        # Names have no control characters, so different contents give different bytes.
        digest.update("\n".join(line).encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()


def _lines(directory: Directory) -> Iterator[Iterable[str]]:
    """The content in a canonical order."""
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
