"""Groups of a page's entries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fmn.catalog import Severity
from fmn.infra.public_ids import PublicId
from tests.factories.messages import NOON
from webapp.inbox.grouping import ItemGroup, grouped
from webapp.inbox.inbox_items import CalendarDay, InboxItem
from webapp.inbox.search_form import Grouping


def item(number: int, *, day: int = 1, thread: str = "", package: str = "") -> InboxItem:
    at = NOON.replace(day=day) + timedelta(seconds=number)
    return InboxItem(
        id=number, public_id=PublicId(number), summary=f"number {number}", category="oven",
        application="Oven", severity=Severity.INFO, package=package, packages=bool(package), thread=thread,
        link="", by="e-mail", filter_id=1, filter_name="mine", unread=True, done=False, snoozed="", late="",
        at=at, clock="12:00", day=CalendarDay(date(2026, 5, day), f"{day} May", f"{day} May"),
        delivery_statuses=[])


def shape(groups: Sequence[ItemGroup]) -> list[tuple[str, str]]:
    return [(group.heading, group.ids) for group in groups]


def test_by_day() -> None:
    found = grouped([item(3, day=2), item(2), item(1)], Grouping.DAY)
    assert shape(found) == [("2 May", "3"), ("1 May", "2.1")]
    assert [group.day for group in found] == ["2026-05-02", "2026-05-01"]


def test_by_thread_of_several_by_its_newest_and_the_rest_together() -> None:
    one, other = "https://example.org/1", "https://example.org/2"
    found = grouped(
        [item(6), item(5, thread=one), item(4, thread=other), item(3, thread=one), item(2)], Grouping.THREAD)
    assert shape(found) == [("number 5", "5.3"), ("Other notifications", "6.4.2")]
    assert [group.link for group in found] == [one, ""]


def test_by_package_and_what_is_about_none_last() -> None:
    found = grouped([item(3), item(2, package="rpms/moss"), item(1, package="rpms/fern")], Grouping.PACKAGE)
    assert shape(found) == [("rpms/moss", "2"), ("rpms/fern", "1"), ("Not about a package", "3")]


@given(st.sampled_from(Grouping), st.lists(st.tuples(
    st.integers(1, 3), st.sampled_from(["", "a", "b"]), st.sampled_from(["", "x", "y"])), max_size=8))
def test_each_is_in_one_group(grouping: Grouping, given_items: list[tuple[int, str, str]]) -> None:
    items = [item(number, day=day, thread=thread, package=package)
             for number, (day, thread, package) in enumerate(given_items)][::-1]
    found = [each for group in grouped(items, grouping) for each in group.items]
    assert sorted(each.id for each in found) == list(range(len(items)))
