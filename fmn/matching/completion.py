"""Completion of rule arguments, from names in the directory and recent traffic."""

from __future__ import annotations

import difflib
import json
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.catalog import Catalog
from fmn.catalog.message import TITLE_STARTS_AT
from fmn.directory.snapshot import GROUP_MARK, Directory
from fmn.filters.expressions import ME
from fmn.ledger.models import StoredMessage
from fmn.matching.recent_traffic import RecentTraffic
from fmn.matching.sql_prefilter import GROUPS, PACKAGES, USERNAMES
from fmn.matching.stored_facts import recent_traffic

#: Names that are offered at once. Whoever doesn't find theirs types one more letter.
MOST: Final = 20
#: Messages whose people, packages and groups are offered, the latest ones: those whom somebody may think of.
MESSAGES: Final = 2_000
#: Seconds that what the bus brought is good for. A name that came since is missing until then, no more.
KEPT_SECONDS: Final = 60.0


#: Characters that similar names begin with in common, and names that are compared at most: some
#: milliseconds.
SIMILAR_BEGINNING: Final = 2
MAX_COMPARED: Final = 1_000


class CompletionKind(StrEnum):
    """Kind of a rule argument."""

    USERS = "users"
    PACKAGES = "packages"
    GROUPS = "groups"
    #: Groups that may commit to packages as such.
    OWNING_GROUPS = "owning-groups"
    TOPICS = "topics"
    APPLICATIONS = "applications"
    EVENTS = "events"


class PrefixIndex:
    """Prefix search, ignoring case: pairs of a key to search and the text that it stands for."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._pairs = sorted({(key.casefold(), text) for key, text in pairs})

    @classmethod
    def of(cls, texts: Iterable[str]) -> PrefixIndex:
        """Texts that are searched by themselves."""
        return cls((text, text) for text in texts)

    def beginning_with(self, beginning: str, most: int = MOST) -> Iterator[tuple[str, str]]:
        """The first pairs with a prefix, in alphabetical order."""
        wanted = beginning.casefold()
        first = bisect_left(self._pairs, (wanted, ""))
        for pair in self._pairs[first:first + most]:
            if not pair[0].startswith(wanted):
                return
            yield pair


    def __bool__(self) -> bool:
        return bool(self._pairs)

    def __contains__(self, text: str) -> bool:
        place = bisect_left(self._pairs, (text.casefold(), text))
        return self._pairs[place:place + 1] == [(text.casefold(), text)]

    def similar(self, text: str) -> str:
        """The most similar text among those that begin alike, ``""`` if there's none."""
        return next(iter(self.nearest(text, 1)), "")

    def nearest(self, text: str, most: int) -> Sequence[str]:
        """The most similar texts, the best first, of those that have the longest beginning in common."""
        wanted = text.casefold()
        compared: set[str] = set()
        for length in range(len(wanted), SIMILAR_BEGINNING - 1, -1):
            near = {
                key: name for key, name in self.beginning_with(wanted[:length], MAX_COMPARED)
                if key not in compared}
            if close := difflib.get_close_matches(wanted, near, most):
                return [near[key] for key in close]
            compared.update(near)
            if len(compared) >= MAX_COMPARED:
                break
        return []


_NONE: Final = PrefixIndex(())
_NamesByKind = Mapping[CompletionKind, PrefixIndex]


@dataclass(frozen=True)
class NameLookup:
    """Names of the directory and of recent messages, to look some up.

    Where the directory has no names of a kind, nothing can be said about any.
    """

    directory: _NamesByKind
    bus: _NamesByKind

    def knows(self, kind: CompletionKind, name: str) -> bool:
        """Whether the name is known, or too little is known of the kind to tell."""
        known = self.directory.get(kind, _NONE)
        return not known or name in known or name in self.bus.get(kind, _NONE)

    def similar(self, kind: CompletionKind, name: str) -> str:
        """A known name that may be meant, ``""`` if there's none."""
        return self.directory.get(kind, _NONE).similar(name) or self.bus.get(kind, _NONE).similar(name)


class Completer:
    """Completes names. It caches its sources, so that each keystroke is cheap."""

    def __init__(
        self, catalog: Catalog, kept_seconds: float = KEPT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._kept_seconds = kept_seconds
        self._clock = clock
        self._catalogue: _NamesByKind = {
            CompletionKind.APPLICATIONS: PrefixIndex.of(catalog.applications),
            CompletionKind.EVENTS: PrefixIndex.of(catalog.events_by_name),
        }
        #: The names of a version of the directory, and those that the bus brought until some time.
        self._directory: tuple[str, _NamesByKind] | None = None
        self._bus: tuple[float, RecentTraffic, _NamesByKind] | None = None

    def complete(
        self, session: Session, directory: Directory, thing: CompletionKind, beginning: str, now: datetime,
    ) -> Sequence[str]:
        """Names with a prefix, in alphabetical order; "me" comes first among people."""
        beginning = beginning.strip()
        known = (self._catalogue, self._names_in(directory), self._brought(session, now)[1])
        found = sorted(chain.from_iterable(
            each.get(thing, _NONE).beginning_with(beginning) for each in known))
        myself = [ME] if thing is CompletionKind.USERS and _is_me(beginning) else []
        return list(dict.fromkeys([*myself, *(text for _, text in found)]))[:MOST]

    def nearest(
        self, session: Session, directory: Directory, thing: CompletionKind, name: str, now: datetime,
        most: int,
    ) -> Sequence[str]:
        """Known names that are similar to one, the most similar first."""
        known = (self._catalogue, self._names_in(directory), self._brought(session, now)[1])
        near = {
            text.casefold(): text for each in known for text in each.get(thing, _NONE).nearest(name, most)}
        return [near[key] for key in difflib.get_close_matches(name.casefold(), near, most)]

    def seen(self, session: Session, now: datetime) -> RecentTraffic:
        """Recent traffic, for the linter."""
        return self._brought(session, now)[0]

    def lookup(self, session: Session, directory: Directory, now: datetime) -> NameLookup:
        """What is known of people, packages and groups, for warnings."""
        return NameLookup(self._names_in(directory), self._brought(session, now)[1])

    def _names_in(self, directory: Directory) -> _NamesByKind:
        if self._directory is None or self._directory[0] != directory.version:
            self._directory = directory.version, _names_in_directory(directory)
        return self._directory[1]

    def _brought(self, session: Session, now: datetime) -> tuple[RecentTraffic, _NamesByKind]:
        known = self._bus
        if known is None or self._clock() >= known[0] + self._kept_seconds:
            brought = recent_traffic(session, now)
            known = self._bus = self._clock(), brought, _names_on_bus(session, brought)
        return known[1:]


def _is_me(beginning: str) -> bool:
    return any(name.startswith(beginning.casefold()) for name in (ME, ME.removeprefix("@")))


def _names_in_directory(directory: Directory) -> _NamesByKind:
    return {
        CompletionKind.USERS: PrefixIndex.of(_people_in(directory)),
        CompletionKind.PACKAGES: PrefixIndex.of(_packages_in(directory)),
        CompletionKind.GROUPS: PrefixIndex.of(directory.groups),
        CompletionKind.OWNING_GROUPS: PrefixIndex.of(_groups_with_packages(directory)),
    }


def _people_in(directory: Directory) -> Iterator[str]:
    for ownership in (directory.committers, directory.watchers):
        for packages in ownership.values():
            for people in packages.values():
                yield from (nick for nick in people if not nick.startswith(GROUP_MARK))
    yield from chain.from_iterable(directory.groups.values())


def _groups_with_packages(directory: Directory) -> Iterator[str]:
    for packages in directory.committers.values():
        for people in packages.values():
            yield from (name[1:] for name in people if name.startswith(GROUP_MARK))


def _packages_in(directory: Directory) -> Iterator[str]:
    for ownership in (directory.committers, directory.watchers):
        for namespace, packages in ownership.items():
            for package in packages:
                yield from (package, f"{namespace}/{package}")


def _names_on_bus(session: Session, brought: RecentTraffic) -> _NamesByKind:
    rows = session.execute(
        select(
            StoredMessage.agent, USERNAMES.label("usernames"), PACKAGES.label("packages"),
            GROUPS.label("groups"))
        .where(StoredMessage.matched_at.is_not(None))
        .order_by(StoredMessage.received_at.desc()).limit(MESSAGES)).all()
    people = {name for row in rows for name in (row.agent, *json.loads(row.usernames)) if name}
    packages = {name for row in rows for name in json.loads(row.packages)}
    groups = {name for row in rows for name in json.loads(row.groups)}
    return {
        CompletionKind.USERS: PrefixIndex.of(people),
        CompletionKind.GROUPS: PrefixIndex.of(groups),
        CompletionKind.PACKAGES: PrefixIndex.of({*packages, *(name.rpartition("/")[2] for name in packages)}),
        CompletionKind.TOPICS: PrefixIndex(chain.from_iterable(map(_patterns, brought.topics))),
    }


def _patterns(topic: str) -> Iterator[tuple[str, str]]:
    """What one may ask for who thinks of a topic, and how one would begin to write it."""
    parts = topic.split(".", TITLE_STARTS_AT)
    if len(parts) <= TITLE_STARTS_AT:
        yield topic, topic
        return
    title = parts[TITLE_STARTS_AT]
    category = title.partition(".")[0]
    for key, pattern in ((category, f"*.{category}.*"), (title, f"*.{title}"), (topic, topic)):
        yield key, pattern
        if key is not topic:
            yield pattern, pattern
