"""Inbox items in groups: by day, thread or package."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fmn.localized import number_text
from fmn.translations import gettext
from webapp.inbox.group_counts import GroupTotal
from webapp.inbox.inbox_items import InboxItem
from webapp.inbox.search_form import Grouping

#: Threads of fewer notifications have no heading of their own.
MIN_THREAD: Final = 2

Totals = Mapping[str, GroupTotal]


@dataclass(frozen=True)
class ItemGroup:
    """Items with a heading. ``day`` is set for groups by day, ``link`` for threads.

    ``target`` names the whole group in a form, or else its items on this page. The ``total`` counts those on
    other pages, too; it's ``None`` where nobody knows it.
    """

    heading: str
    items: Sequence[InboxItem]
    target: str
    total: GroupTotal | None = None
    day: str = ""
    link: str = ""

    @property
    def total_words(self) -> str:
        """The total as a number, with a plus if there are more."""
        return f"{number_text(self.total.total)}{'+' if self.total.more else ''}" if self.total else ""

    @property
    def count_words(self) -> str:
        """How many are on this page, and of how many, if there are others."""
        if self.total is None or self.total.total <= len(self.items):
            return self.total_words
        return gettext("{shown} of {total}").format(shown=len(self.items), total=self.total_words)


def grouped(items: Iterable[InboxItem], grouping: Grouping, totals: Totals) -> Sequence[ItemGroup]:
    """The groups of a page's items, by the newest of each; what belongs to none comes last."""
    return list(_GROUPS[grouping](items, totals))


def _by_day(items: Iterable[InboxItem], totals: Totals) -> Iterator[ItemGroup]:
    for day, of_day in _collected(items, lambda item: item.day.date.isoformat()).items():
        yield ItemGroup(
            of_day[0].day.words, of_day, f"day:{day}", _total(totals.get(day), of_day), day=day)


def _by_thread(items: Iterable[InboxItem], totals: Totals) -> Iterator[ItemGroup]:
    alone: list[InboxItem] = []
    for key, of_thread in _collected(items, _thread).items():
        # What came before threads were stored has no key: of its thread only these are known.
        stored = of_thread[0].thread_key is not None
        total = _total(totals.get(key) if stored else None, of_thread)
        if not key or total.total < MIN_THREAD:
            alone += of_thread
        else:
            yield ItemGroup(
                of_thread[0].summary, of_thread, f"thread:{key}" if stored else _ids(of_thread), total,
                link=of_thread[0].thread)
    if alone:
        alone.sort(key=lambda item: -item.id)
        yield ItemGroup(gettext("Other notifications"), alone, _ids(alone))


def _by_package(items: Iterable[InboxItem], totals: Totals) -> Iterator[ItemGroup]:
    found = _collected(items, lambda item: item.package)
    rest = found.pop("", ())
    for package, of_package in found.items():
        yield ItemGroup(package, of_package, f"package:{package}", _total(totals.get(package), of_package))
    if rest:
        yield ItemGroup(gettext("Not about a package"), rest, _ids(rest))


def _thread(item: InboxItem) -> str:
    return item.thread if item.thread_key is None else str(item.thread_key)


def _total(found: GroupTotal | None, items: Sequence[InboxItem]) -> GroupTotal:
    """What was counted, or what is seen if that's more: something may have come in between."""
    found = found or GroupTotal(0)
    return found._replace(total=max(found.total, len(items)))


def _ids(items: Iterable[InboxItem]) -> str:
    return f"ids:{'.'.join(str(each.id) for each in items)}"


def _collected(items: Iterable[InboxItem], key: Callable[[InboxItem], str]) -> dict[str, list[InboxItem]]:
    found: dict[str, list[InboxItem]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return found


_GROUPS: Final[Mapping[Grouping, Callable[[Iterable[InboxItem], Totals], Iterator[ItemGroup]]]] = {
    Grouping.DAY: _by_day, Grouping.THREAD: _by_thread, Grouping.PACKAGE: _by_package}
