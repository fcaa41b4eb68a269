"""How processes share one directory; the cache here is in memory, Redis is in the integration tests."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from fmn.directory import Directory, DirectoryStore, DirectoryUnavailableError
from fmn.directory.store import CONTENT_KEY, FETCHING_LOCK, VERSION_KEY
from fmn.infra.cache import MemoryCache
from tests.unit.fmn.directory.published_people import Clock, People, owners


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
