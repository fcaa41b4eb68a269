"""Groups of a page's entries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fmn.catalog import Severity
from fmn.infra.public_ids import PublicId
from tests.factories.messages import NOON
from webapp.inbox.group_counts import GroupTotal
from webapp.inbox.grouping import ItemGroup, grouped
from webapp.inbox.inbox_items import CalendarDay, InboxItem
from webapp.inbox.search_form import Grouping

ONE, OTHER, LONE, OLD = (f"https://example.org/{number}" for number in range(4))
#: Keys of threads that have one.
THREADS = {ONE: 1, OTHER: -2, LONE: 3}


def item(number: int, *, day: int = 1, thread: str = "", package: str = "") -> InboxItem:
    at = NOON.replace(day=day) + timedelta(seconds=number)
    return InboxItem(
        id=number, public_id=PublicId(number), summary=f"number {number}", category="oven",
        application="Oven", severity=Severity.INFO, package=package, packages=bool(package), thread=thread,
        thread_key=THREADS.get(thread),
        link="", by="e-mail", filter_id=1, filter_name="mine", unread=True, done=False, snoozed="", late="",
        at=at, clock="12:00", day=CalendarDay(date(2026, 5, day), f"{day} May", f"{day} May"),
        delivery_statuses=[])


def shape(groups: Sequence[ItemGroup]) -> list[tuple[str, str, str]]:
    return [(group.heading, group.target, group.count_words) for group in groups]


def test_by_day() -> None:
    found = grouped([item(3, day=2), item(2), item(1)], Grouping.DAY, {
        "2026-05-01": GroupTotal(1_234, more=True)})
    assert shape(found) == [
        ("2 May", "day:2026-05-02", "1"), ("1 May", "day:2026-05-01", "2 of 1,234+")]
    assert [group.day for group in found] == ["2026-05-02", "2026-05-01"]


def test_by_thread_of_several_by_its_newest_and_the_rest_together() -> None:
    # Given threads of which two have several notifications, one of them on other pages, and an old one
    # whose key isn't stored
    found = grouped(
        [item(8), item(7, thread=OLD), item(6, thread=ONE), item(5, thread=OTHER), item(4, thread=LONE),
         item(3, thread=ONE), item(2, thread=OLD), item(1)],
        Grouping.THREAD, {"1": GroupTotal(2), "-2": GroupTotal(5), "3": GroupTotal(1)})
    assert shape(found) == [
        ("number 7", "ids:7.2", "2"), ("number 6", "thread:1", "2"), ("number 5", "thread:-2", "1 of 5"),
        ("Other notifications", "ids:8.4.1", "")]
    assert [group.link for group in found] == [OLD, ONE, OTHER, ""]


def test_by_package_and_what_is_about_none_last() -> None:
    found = grouped(
        [item(3), item(2, package="rpms/moss"), item(1, package="rpms/fern")], Grouping.PACKAGE,
        {"rpms/moss": GroupTotal(20, continued=True)})
    assert shape(found) == [
        ("rpms/moss", "package:rpms/moss", "1 of 20"), ("rpms/fern", "package:rpms/fern", "1"),
        ("Not about a package", "ids:3", "")]


@given(st.sampled_from(Grouping), st.lists(st.tuples(
    st.integers(1, 3), st.sampled_from(["", "a", "b"]), st.sampled_from(["", "x", "y"])), max_size=8))
def test_each_is_in_one_group(grouping: Grouping, given_items: list[tuple[int, str, str]]) -> None:
    items = [item(number, day=day, thread=thread, package=package)
             for number, (day, thread, package) in enumerate(given_items)][::-1]
    found = [each for group in grouped(items, grouping, {}) for each in group.items]
    assert sorted(each.id for each in found) == list(range(len(items)))
