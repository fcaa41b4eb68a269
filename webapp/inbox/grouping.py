"""Inbox items in groups: by day, thread or package."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from webapp.inbox.inbox_items import InboxItem
from webapp.inbox.search_form import Grouping

#: Heading of what belongs to no thread, or no package.
NO_HEADING: Final[Mapping[Grouping, str]] = {
    Grouping.THREAD: "Not part of a thread", Grouping.PACKAGE: "Not about a package"}


@dataclass(frozen=True)
class ItemGroup:
    """Items with a heading. ``day`` is set for groups by day, ``link`` for threads."""

    key: str
    heading: str
    day: str = ""
    link: str = ""
    items: list[InboxItem] = field(default_factory=list)


def grouped(items: Iterable[InboxItem], grouping: Grouping) -> Sequence[ItemGroup]:
    """The groups of a page's items, in the order in which the newest of each comes."""
    groups: dict[str, ItemGroup] = {}
    for item in items:
        group = _GROUPS[grouping](item)
        groups.setdefault(group.key, group).items.append(item)
    return list(groups.values())


def _by_day(item: InboxItem) -> ItemGroup:
    day = item.day.date.isoformat()
    return ItemGroup(day, item.day.words, day=day)


def _by_thread(item: InboxItem) -> ItemGroup:
    if not item.thread:
        return ItemGroup("", NO_HEADING[Grouping.THREAD])
    return ItemGroup(item.thread, item.summary, link=item.thread)


def _by_package(item: InboxItem) -> ItemGroup:
    return ItemGroup(item.package, item.package or NO_HEADING[Grouping.PACKAGE])


_GROUPS: Final[Mapping[Grouping, Callable[[InboxItem], ItemGroup]]] = {
    Grouping.DAY: _by_day, Grouping.THREAD: _by_thread, Grouping.PACKAGE: _by_package}
