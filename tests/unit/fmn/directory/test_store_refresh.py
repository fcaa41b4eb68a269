"""What the store reads of a change, and when it fetches anew."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from fmn.directory import DirectoryStore, DirectoryUnavailableError
from fmn.directory.store import CONTENT_KEY, DIFFERENCE_KEY
from fmn.infra.cache import MemoryCache
from tests.unit.fmn.directory.published_people import Clock, People, owners


class TestDifferences:
    """A process makes the next directory of the one that it has, where it can."""

    @pytest.fixture
    def contents(self, cache: MemoryCache, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """The whole directories that are read from the cache."""
        read: list[str] = []
        get = cache.get

        def watched(key: str) -> bytes | None:
            if key.startswith(CONTENT_KEY):
                read.append(key)
            return get(key)

        monkeypatch.setattr(cache, "get", watched)
        return read

    def test_are_read_instead_of_the_whole(
        self, make: Callable[[], DirectoryStore], people: People, clock: Clock, contents: list[str],
    ) -> None:
        # Given a worker and a scheduler that know the same
        scheduler, worker = make(), make()
        assert scheduler.current() == worker.current()
        contents.clear()
        # When several changes come before the worker looks
        for people.owners in (("alice", "bob"), ("bob",), ("bob", "carol")):
            scheduler.refresh()
        clock.now += 5
        # Then it knows the newest
        assert worker.current() == scheduler.current()
        assert worker.current().version == scheduler.current().version
        assert owners(worker.current()) == {"bob", "carol"}
        assert contents == []

    def test_arent_needed(
        self, make: Callable[[], DirectoryStore], people: People, clock: Clock, cache: MemoryCache,
        contents: list[str],
    ) -> None:
        scheduler, worker = make(), make()
        first = scheduler.current().version
        worker.current()
        people.owners = ("bob",)
        scheduler.refresh()
        cache.delete(f"{DIFFERENCE_KEY}:{first}")
        contents.clear()
        clock.now += 5

        assert owners(worker.current()) == {"bob"}
        assert contents == [f"{CONTENT_KEY}:{scheduler.current().version}"]

    def test_that_are_damaged_are_done_without(
        self, make: Callable[[], DirectoryStore], people: People, clock: Clock, cache: MemoryCache,
    ) -> None:
        scheduler, worker = make(), make()
        first = scheduler.current().version
        worker.current()
        people.owners = ("bob",)
        scheduler.refresh()
        cache.set(f"{DIFFERENCE_KEY}:{first}", b"damaged")
        clock.now += 5

        with capture_logs() as logs:
            assert owners(worker.current()) == {"bob"}
        assert "directory's difference is unreadable" in [entry["event"] for entry in logs]


class TestRefresh:
    def test_it_says_whether_anything_changed(self, store: DirectoryStore, people: People) -> None:
        assert store.refresh()
        assert not store.refresh()
        people.owners = ("alice", "bob")
        assert store.refresh()
        assert owners(store.current()) == {"alice", "bob"}

    def test_a_source_that_is_away_changes_nothing(
        self, make: Callable[[], DirectoryStore], people: People, clock: Clock,
    ) -> None:
        scheduler, worker = make(), make()
        scheduler.refresh()
        people.away = True

        with pytest.raises(DirectoryUnavailableError):
            scheduler.refresh()

        clock.now += 5
        assert owners(scheduler.current()) == owners(worker.current()) == {"alice"}

    def test_the_cache_keeps_one_directory_only(
        self, store: DirectoryStore, cache: MemoryCache, people: People,
    ) -> None:
        store.refresh()
        old = store.current().version
        people.owners = ("bob",)
        store.refresh()

        assert cache.get(f"{CONTENT_KEY}:{old}") is None
        assert cache.get(f"{CONTENT_KEY}:{store.current().version}") is not None

    def test_a_directory_is_kept_for_a_week(
        self, make: Callable[[], DirectoryStore], people: People, clock: Clock,
    ) -> None:
        make().refresh()

        clock.now += 6.9 * 86400
        make().current()
        assert people.fetches == 1
        clock.now += 0.2 * 86400
        make().current()
        assert people.fetches == 2


class TestWishes:
    def test_nothing_is_fetched_if_nobody_asked(self, store: DirectoryStore, people: People) -> None:
        assert not store.refresh_if_requested()
        assert people.fetches == 0

    def test_a_wish_is_served_at_once(
        self, make: Callable[[], DirectoryStore], people: People,
    ) -> None:
        make().request_refresh()

        assert make().refresh_if_requested()
        assert people.fetches == 1

    def test_a_mass_change_costs_one_fetch_a_minute_and_its_last_message_counts(
        self, make: Callable[[], DirectoryStore], people: People, clock: Clock,
    ) -> None:
        # Given ten minutes of ownership messages, and a scheduler that looks every five seconds
        consumer, scheduler = make(), make()
        for second in range(600):
            people.owners = (f"owner{second}",)
            consumer.request_refresh()
            consumer.request_refresh()
            if second % 5 == 0:
                scheduler.refresh_if_requested(60)
            clock.now += 1

        # Then there was about one fetch a minute
        assert people.fetches == 10

        # And within a minute after the last message its change is known
        for _ in range(12):
            clock.now += 5
            scheduler.refresh_if_requested(60)
        assert owners(scheduler.current()) == {"owner599"}
        assert people.fetches == 11

    def test_a_change_during_a_fetch_asks_for_another(
        self, store: DirectoryStore, people: People, clock: Clock,
    ) -> None:
        # Given a change that comes after the source was read and before the refresh is done
        def change() -> None:
            people.meanwhile = lambda: None
            people.owners = ("bob",)
            store.request_refresh()

        people.meanwhile = change
        store.request_refresh()
        store.refresh_if_requested()
        assert owners(store.current()) == {"alice"}

        # When the minute is over, then it's fetched again
        clock.now += 60
        assert store.refresh_if_requested()
        assert owners(store.current()) == {"bob"}

    def test_a_wish_stands_if_the_source_is_away(
        self, store: DirectoryStore, people: People, clock: Clock,
    ) -> None:
        store.request_refresh()
        people.away = True
        with pytest.raises(DirectoryUnavailableError):
            store.refresh_if_requested()

        people.away = False
        clock.now += 60
        assert store.refresh_if_requested()

    def test_a_refresh_by_the_clock_serves_wishes_too(
        self, store: DirectoryStore, people: People,
    ) -> None:
        store.request_refresh()
        store.refresh()

        assert not store.refresh_if_requested()
        assert people.fetches == 1
