from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from fmn.digests.grouping import LONGEST_PAUSE, GroupableEvent, group_related

MORNING = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)


def event(
    minute: float = 0, *packages: str, agent: str | None = "ralph", kind: str = "git_receive",
) -> GroupableEvent:
    """What somebody did to packages so many minutes after nine."""
    return GroupableEvent(kind, agent, packages, MORNING + timedelta(minutes=minute))


def groups(*events: GroupableEvent) -> Sequence[Sequence[GroupableEvent]]:
    """The groups of such events."""
    return group_related(events, lambda one: one)


class TestTogetherAre:
    def test_those_of_one_person(self) -> None:
        ghc, cabal = event(0, "rpms/ghc"), event(1, "rpms/cabal")
        assert groups(ghc, cabal) == [[ghc, cabal]]

    def test_those_about_one_package(self) -> None:
        ralphs, marys = event(0, "rpms/ghc"), event(1, "rpms/ghc", agent="mary")
        assert groups(ralphs, marys) == [[ralphs, marys]]

    def test_those_that_services_did_by_themselves(self) -> None:
        moss, fern = event(0, "rpms/moss", agent=None), event(1, "rpms/fern", agent=None)
        assert groups(moss, fern) == [[moss, fern]]

    def test_those_about_several_packages_by_the_one_that_most_are_about(self) -> None:
        files = [event(n, f"moss-{n}", "moss", agent=f"a{n}") for n in range(5)]
        assert groups(*files) == [files]


class TestApartAre:
    def test_those_of_different_kinds(self) -> None:
        push, comment = event(0, "rpms/ghc"), event(0, "rpms/ghc", kind="bodhi_update_comment")
        assert groups(push, comment) == [[push], [comment]]

    def test_those_of_different_people_about_different_packages(self) -> None:
        one, other = event(0, "rpms/ghc"), event(0, "rpms/cabal", agent="mary")
        assert groups(one, other) == [[one], [other]]

    def test_packages_of_the_same_name_in_different_namespaces(self) -> None:
        one, other = event(0, "rpms/php"), event(0, "modules/php", agent="mary")
        assert groups(one, other) == [[one], [other]]

    def test_a_person_and_a_package_of_the_same_name(self) -> None:
        one, other = event(0, "mary"), event(0, "ghc", agent="mary")
        assert groups(one, other) == [[one], [other]]

    def test_those_with_a_long_pause_between_them(self) -> None:
        # Given pushes an hour apart, and one a second later than that
        hour = LONGEST_PAUSE / timedelta(minutes=1)
        morning, noon = [event(0), event(hour), event(2 * hour)], event(3 * hour + 1 / 60)
        assert groups(*morning, noon) == [morning, [noon]]


class TestAnEventThatMayGoTwoWays:
    def test_goes_where_there_is_more_company(self) -> None:
        # Given Ralph's pushes, and others' to one of the packages that he pushed to
        ralphs = [event(n, f"rpms/ghc-{n}") for n in range(3)]
        here = event(3, "rpms/ghc")
        others = [event(n, "rpms/ghc", agent=f"user{n}") for n in range(4, 8)]
        assert groups(*ralphs, here, *others) == [ralphs, [here, *others]]
        assert groups(*ralphs, here, *others[:2]) == [[*ralphs, here], others[:2]]

    def test_only_counts_company_near_in_time(self) -> None:
        # Given many pushes of Ralph's, but all days ago
        long_ago = [event(n, f"rpms/p{n}") for n in range(9)]
        here, there = event(9000, "rpms/ghc"), event(9001, "rpms/ghc", agent="mary")
        assert groups(*long_ago, here, there) == [long_ago, [here, there]]

    def test_leaves_a_pause_behind_that_divides_the_others(self) -> None:
        # Given three pushes of Ralph's, the middle one of which goes to many others
        first, middle, last = event(0, "a"), event(50, "ghc"), event(100, "b")
        others = [event(50 + n / 10, "ghc", agent=f"user{n}") for n in range(5)]
        assert groups(first, middle, last, *others) == [[first], [middle, *others], [last]]


def test_groups_come_in_the_order_of_their_first_events() -> None:
    late, early = event(1, agent="mary"), event(0)
    assert groups(late, event(3), event(2, agent="mary"), early) == [
        [early, event(3)], [late, event(2, agent="mary")]]


def test_nothing_makes_no_group() -> None:
    assert groups() == []


def test_the_pushes_of_a_mass_rebuild_are_one_group() -> None:
    pushes = [event(n / 60, f"rpms/p{n}", agent="releng") for n in range(5000)]
    assert groups(*pushes) == [pushes]


EVENTS = st.lists(st.builds(
    event, st.integers(0, 400), st.sampled_from("abc"), st.sampled_from("abcd"),
    agent=st.sampled_from(["ralph", "mary", None]), kind=st.sampled_from(["push", "build"])), max_size=40)


@given(EVENTS)
def test_every_event_is_in_exactly_one_group(events: list[GroupableEvent]) -> None:
    found = group_related(range(len(events)), events.__getitem__)
    assert sorted(one for group in found for one in group) == list(range(len(events)))
    assert all(found)


@given(EVENTS)
def test_groups_and_what_is_in_them_are_in_order(events: list[GroupableEvent]) -> None:
    found = groups(*events)
    firsts = [group[0].sent_at for group in found]
    assert firsts == sorted(firsts)
    for group in found:
        moments = [one.sent_at for one in group]
        assert moments == sorted(moments)


@given(EVENTS)
def test_what_is_in_a_group_is_alike(events: list[GroupableEvent]) -> None:
    for group in groups(*events):
        assert len({one.kind for one in group}) == 1
        same_agent = len({one.agent for one in group}) == 1
        assert same_agent or set.intersection(*(set(one.packages) for one in group))
        for one, other in pairwise(group):
            assert other.sent_at - one.sent_at <= LONGEST_PAUSE


@given(EVENTS)
def test_what_differs_in_nothing_but_a_short_time_is_not_divided(events: list[GroupableEvent]) -> None:
    group_of = {one: number for number, group in enumerate(
        group_related(range(len(events)), events.__getitem__)) for one in group}
    in_order = sorted(range(len(events)), key=lambda one: events[one].sent_at)
    latest: dict[GroupableEvent, int] = {}
    for number in in_order:
        alike = replace(events[number], sent_at=MORNING)
        before = latest.get(alike)
        if before is not None and events[number].sent_at - events[before].sent_at <= LONGEST_PAUSE:
            assert group_of[number] == group_of[before]
        latest[alike] = number


@given(EVENTS, st.randoms())
def test_the_order_in_which_events_are_told_of_changes_no_group(
    events: list[GroupableEvent], random: Random,
) -> None:
    numbers = list(range(len(events)))
    shuffled = numbers.copy()
    random.shuffle(shuffled)
    one, other = (group_related(order, events.__getitem__) for order in (numbers, shuffled))
    assert {frozenset(group) for group in one} == {frozenset(group) for group in other}
