"""How processes share one directory; the cache here is in memory, Redis is in the integration tests."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from fmn.catalog import Package
from fmn.directory import Directory, DirectoryPart, DirectoryStore, DirectoryUnavailableError, Relation
from fmn.directory.store import CONTENT_KEY, DIFFERENCE_KEY, FETCHING_LOCK, VERSION_KEY
from fmn.infra.cache import MemoryCache

PHP = Package("rpms", "php")


class Clock:
    """A clock that a test moves; whoever pauses moves it too."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


class People:
    """A source that a test changes and takes away."""

    def __init__(self, *owners: str) -> None:
        self.owners = owners
        self.away = False
        self.fetches = 0
        self.meanwhile: Callable[[], object] = lambda: None

    def fetch(self) -> DirectoryPart:
        self.fetches += 1
        if self.away:
            raise DirectoryUnavailableError("https://pagure.example/: answered 503, 3 times in a row")
        part = DirectoryPart(committers={"rpms": {"php": self.owners}})
        self.meanwhile()
        return part


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cache(clock: Clock) -> MemoryCache:
    return MemoryCache(clock)


@pytest.fixture
def people() -> People:
    return People("alice")


@pytest.fixture
def make(cache: MemoryCache, people: People, clock: Clock) -> Callable[[], DirectoryStore]:
    """Makes the store of one more process."""
    return lambda: DirectoryStore(
        [people], cache, check_seconds=5, patience_seconds=30, clock=clock, pause=clock.pause)


@pytest.fixture
def store(make: Callable[[], DirectoryStore]) -> DirectoryStore:
    return make()


def owners(directory: Directory) -> set[str]:
    return set(directory.owners(PHP, Relation.COMMIT))


class TestCurrent:
    def test_the_first_look_fetches_and_the_next_process_does_not(
        self, make: Callable[[], DirectoryStore], people: People,
    ) -> None:
        assert owners(make().current()) == {"alice"}
        assert owners(make().current()) == {"alice"}

        assert people.fetches == 1

    def test_the_snapshot_is_the_same_object_until_something_changes(
        self, store: DirectoryStore, clock: Clock,
    ) -> None:
        first = store.current()
        clock.now += 100

        assert store.current() is first

    def test_what_another_process_fetched_is_seen_within_seconds(
        self, make: Callable[[], DirectoryStore], people: People, clock: Clock,
    ) -> None:
        # Given two processes that know of Alice
        worker, scheduler = make(), make()
        assert owners(worker.current()) == {"alice"}

        # When the scheduler learns of Bob
        people.owners = ("alice", "bob")
        scheduler.refresh()

        # Then the worker goes on for up to five seconds, and then knows too
        assert owners(worker.current()) == {"alice"}
        clock.now += 5
        assert owners(worker.current()) == {"alice", "bob"}
        assert people.fetches == 2

    def test_a_flushed_cache_empties_nothing_and_gets_filled_again(
        self, make: Callable[[], DirectoryStore], cache: MemoryCache, people: People, clock: Clock,
    ) -> None:
        # Given a worker with a snapshot
        worker, scheduler = make(), make()
        version = worker.current().version

        # When the cache is flushed and the source is away as well
        cache.delete(VERSION_KEY)
        cache.delete(f"{CONTENT_KEY}:{version}")
        people.away = True
        clock.now += 5

        # Then the worker goes on, and says so once
        with capture_logs() as logs:
            for _ in range(3):
                assert owners(worker.current()) == {"alice"}
                clock.now += 5
        assert [entry["event"] for entry in logs] == [
            "directory isn't in the cache, going on with what was known"]

        # And when the source is back, the scheduler has been asked to fill the cache
        people.away = False
        assert scheduler.refresh_if_requested()
        assert cache.get(VERSION_KEY) == version.encode()

    def test_nobody_ever_matches_with_nothing(self, store: DirectoryStore, people: People) -> None:
        people.away = True

        with pytest.raises(DirectoryUnavailableError, match="answered 503"):
            store.current()

    def test_a_source_that_failed_is_left_alone_for_seconds(
        self, store: DirectoryStore, people: People, clock: Clock,
    ) -> None:
        # Given a source that was away when first asked
        people.away = True
        for _ in range(10):
            with pytest.raises(DirectoryUnavailableError, match="answered 503"):
                store.current()
        assert people.fetches == 1

        # When it's back, then it's asked again soon
        people.away = False
        clock.now += 5
        assert owners(store.current()) == {"alice"}

    def test_unreadable_bytes_in_the_cache_are_as_good_as_none(
        self, make: Callable[[], DirectoryStore], cache: MemoryCache,
    ) -> None:
        version = make().current().version
        cache.set(f"{CONTENT_KEY}:{version}", b"garbage")

        with capture_logs() as logs:
            assert owners(make().current()) == {"alice"}

        assert logs[0]["event"] == "directory in the cache is unreadable"

    def test_a_replaced_content_is_looked_for_again(
        self, make: Callable[[], DirectoryStore], cache: MemoryCache, people: People, clock: Clock,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        # Given a worker that is about to read a version which is replaced that moment
        worker, scheduler = make(), make()
        worker.current()
        people.owners = ("bob",)
        scheduler.refresh()
        people.owners = ("carol",)
        get = cache.get

        def get_slowly(key: str) -> bytes | None:
            value = get(key)
            if key == VERSION_KEY:
                monkeypatch.setattr(cache, "get", get)
                scheduler.refresh()
            return value

        monkeypatch.setattr(cache, "get", get_slowly)
        clock.now += 5

        # When it reads, then it gets the newest one
        assert owners(worker.current()) == {"carol"}

    def test_who_comes_second_waits_for_who_fetches(
        self, make: Callable[[], DirectoryStore], cache: MemoryCache, people: People, clock: Clock,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        # Given a process that fetches already, and publishes a second later
        other = make()
        cache.acquire(FETCHING_LOCK, 30)
        pause = clock.pause

        def pause_and_publish(seconds: float) -> None:
            pause(seconds)
            if clock.now > 1001:
                other.refresh()

        monkeypatch.setattr(clock, "pause", pause_and_publish)

        # When we look for the first time, then it's enough that the other one fetched
        assert owners(make().current()) == {"alice"}
        assert people.fetches == 1

    def test_nobody_waits_forever_for_a_process_that_died(
        self, store: DirectoryStore, cache: MemoryCache, people: People, clock: Clock,
    ) -> None:
        cache.acquire(FETCHING_LOCK, 1e9)

        assert owners(store.current()) == {"alice"}
        assert clock.now == pytest.approx(1030, abs=1)

    def test_a_failed_first_fetch_lets_the_next_process_try(
        self, make: Callable[[], DirectoryStore], people: People, clock: Clock,
    ) -> None:
        people.away = True
        with pytest.raises(DirectoryUnavailableError):
            make().current()
        people.away = False

        assert owners(make().current()) == {"alice"}
        assert clock.now == 1000

    def test_threads_share_one_fetch(self, store: DirectoryStore, people: People) -> None:
        # Given a source that takes until a second thread asks as well
        asked = threading.Barrier(2)
        people.meanwhile = asked.wait
        found: list[Directory] = []

        def ask() -> None:
            found.append(store.current())

        first, second = threading.Thread(target=ask), threading.Thread(target=ask)

        # When both ask
        first.start()
        second.start()
        asked.wait()
        first.join()
        second.join()

        # Then both have what one fetched
        assert people.fetches == 1
        assert found[0] is found[1]

    def test_who_has_a_snapshot_never_waits_for_another_thread(
        self, make: Callable[[], DirectoryStore], cache: MemoryCache, clock: Clock,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        # Given a thread that hangs while it asks the cache
        store = make()
        known = store.current()
        clock.now += 5
        hangs, go_on = threading.Event(), threading.Event()

        def hang(key: str) -> None:
            hangs.set()
            go_on.wait()

        monkeypatch.setattr(cache, "get", hang)
        thread = threading.Thread(target=store.current)
        thread.start()
        hangs.wait()

        # When we ask, then we get what is known
        assert store.current() is known

        go_on.set()
        thread.join()


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
