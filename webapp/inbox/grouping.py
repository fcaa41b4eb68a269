"""Inbox items in groups: by day, thread or package."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fmn.translations import gettext
from webapp.inbox.inbox_items import InboxItem
from webapp.inbox.search_form import Grouping

#: Threads of fewer notifications on a page have no heading of their own.
MIN_THREAD: Final = 2


@dataclass(frozen=True)
class ItemGroup:
    """Items with a heading. ``day`` is set for groups by day, ``link`` for threads."""

    heading: str
    items: Sequence[InboxItem]
    day: str = ""
    link: str = ""

    @property
    def ids(self) -> str:
        """The notifications' ids as a row's button has them."""
        return ".".join(str(each.id) for each in self.items)


def grouped(items: Iterable[InboxItem], grouping: Grouping) -> Sequence[ItemGroup]:
    """The groups of a page's items, by the newest of each; what belongs to none comes last."""
    return list(_GROUPS[grouping](items))


def _by_day(items: Iterable[InboxItem]) -> Iterator[ItemGroup]:
    for of_day in _collected(items, lambda item: item.day.date.isoformat()).values():
        day = of_day[0].day
        yield ItemGroup(day.words, of_day, day=day.date.isoformat())


def _by_thread(items: Iterable[InboxItem]) -> Iterator[ItemGroup]:
    found = _collected(items, lambda item: item.thread)
    alone = [*found.pop("", ()), *(each[0] for each in found.values() if len(each) < MIN_THREAD)]
    for thread, of_thread in found.items():
        if len(of_thread) >= MIN_THREAD:
            yield ItemGroup(of_thread[0].summary, of_thread, link=thread)
    if alone:
        yield ItemGroup(gettext("Other notifications"), sorted(alone, key=lambda item: -item.id))


def _by_package(items: Iterable[InboxItem]) -> Iterator[ItemGroup]:
    found = _collected(items, lambda item: item.package)
    rest = found.pop("", ())
    for package, of_package in found.items():
        yield ItemGroup(package, of_package)
    if rest:
        yield ItemGroup(gettext("Not about a package"), rest)


def _collected(items: Iterable[InboxItem], key: Callable[[InboxItem], str]) -> dict[str, list[InboxItem]]:
    found: dict[str, list[InboxItem]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return found


_GROUPS: Final[Mapping[Grouping, Callable[[Iterable[InboxItem]], Iterator[ItemGroup]]]] = {
    Grouping.DAY: _by_day, Grouping.THREAD: _by_thread, Grouping.PACKAGE: _by_package}
