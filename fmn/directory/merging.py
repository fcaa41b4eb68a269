"""Interface of directory sources, and merging of their parts into one directory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from fmn.directory.snapshot import Directory
from fmn.errors import OperatorError

#: Invalid names that an error shows.
NAMES_SHOWN = 3


class DirectoryUnavailableError(OperatorError):
    """The directory can't be fetched; the text has a line per reason."""


@dataclass(frozen=True)
class DirectoryPart:
    """A source's part of a :class:`Directory`, in any order and with repetitions.

    Without ``watchers``, committers of a package watch it, which is Pagure's default. Names are texts of
    printable characters.
    """

    committers: Mapping[str, Mapping[str, Collection[str]]] = field(default_factory=dict)
    watchers: Mapping[str, Mapping[str, Collection[str]]] | None = None
    groups: Mapping[str, Collection[str]] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)
    ircnicks: Mapping[str, Collection[str]] = field(default_factory=dict)


class DirectorySource(Protocol):
    """Interface of a source of a part of the directory."""

    def fetch(self) -> DirectoryPart:
        """The whole part of this source.

        :raises DirectoryUnavailableError: some of it is missing
        """


class NoDirectory:
    """Empty source, for projects without a directory."""

    def fetch(self) -> DirectoryPart:
        return DirectoryPart()


def merge(parts: Iterable[DirectoryPart], email_domain: str = "") -> Directory:
    """Merge parts into a directory. For an alias or address that two parts have, the first one wins.

    :raises DirectoryUnavailableError: a part has invalid names
    """
    parts = list(parts)
    pool = _Pool()
    committers = pool.ownership(part.committers for part in parts)
    directory = Directory(
        committers=committers,
        watchers=committers if all(part.watchers is None for part in parts) else pool.ownership(
            part.committers if part.watchers is None else part.watchers for part in parts),
        groups={group: frozenset(people) for group, people in pool.lists(
            part.groups for part in parts).items()},
        aliases=pool.pairs(
            {name.lower(): account for name, account in part.aliases.items()} for part in parts),
        addresses=pool.pairs(part.addresses for part in parts),
        ircnicks=pool.lists(part.ircnicks for part in parts),
        email_domain=email_domain,
    )
    pool.check()
    return directory


class _Pool:
    """Interning pool for names and lists of users, which saves memory at millions of pairs."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._lists: dict[tuple[str, ...], tuple[str, ...]] = {}

    def ownership(
        self, maps: Iterable[Mapping[str, Mapping[str, Collection[str]]]],
    ) -> dict[str, dict[str, tuple[str, ...]]]:
        by_namespace: defaultdict[str, list[Mapping[str, Collection[str]]]] = defaultdict(list)
        for ownership in maps:
            for namespace, packages in ownership.items():
                by_namespace[namespace].append(packages)
        found = {
            self._name(namespace): {package: people for package, people in self.lists(maps).items() if people}
            for namespace, maps in by_namespace.items()
        }
        return {namespace: packages for namespace, packages in found.items() if packages}

    def lists(self, maps: Iterable[Mapping[str, Collection[str]]]) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for lists in maps:
            for key, names in lists.items():
                key = self._name(key)  # noqa: PLW2901 - the same name, but the one that all share
                found[key] = self._list((*found.get(key, ()), *names))
        return found

    def pairs(self, maps: Iterable[Mapping[str, str]]) -> dict[str, str]:
        found: dict[str, str] = {}
        for pairs in maps:
            for key, value in pairs.items():
                found.setdefault(self._name(key), self._name(value))
        return found

    def check(self) -> None:
        unusable = (name for name in self._names if not name or not name.isprintable())
        shown = ", ".join(repr(name) for name in islice(unusable, NAMES_SHOWN))
        if shown:
            raise DirectoryUnavailableError(
                f"names in the directory must be printable and not empty, which these aren't: {shown}")

    def _name(self, name: str) -> str:
        return self._names.setdefault(name, name)

    def _list(self, names: tuple[str, ...]) -> tuple[str, ...]:
        people = tuple(sorted(dict.fromkeys(map(self._names.setdefault, names, names))))
        return self._lists.setdefault(people, people)
