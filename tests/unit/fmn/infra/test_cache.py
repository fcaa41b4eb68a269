"""The cache within a process, and which cache a URL means; Redis itself is in the integration tests."""

from __future__ import annotations

import threading

import pytest

from fmn.errors import OperatorError
from fmn.infra.cache import MemoryCache, open_cache
from fmn.infra.redis_cache import RedisCache


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cache(clock: Clock) -> MemoryCache:
    return MemoryCache(clock)


class TestMemoryCache:
    def test_it_gives_what_was_set_last(self, cache: MemoryCache) -> None:
        cache.set("key", b"old")
        cache.set("key", b"new")

        assert cache.get("key") == b"new"

    def test_it_knows_nothing_of_other_keys(self, cache: MemoryCache) -> None:
        assert cache.get("key") is None

    def test_a_value_expires_when_its_time_is_up(self, cache: MemoryCache, clock: Clock) -> None:
        cache.set("key", b"value", 10)

        clock.now += 9.9
        assert cache.get("key") == b"value"
        clock.now += 0.1
        assert cache.get("key") is None

    def test_setting_a_value_again_lets_it_live_longer(self, cache: MemoryCache, clock: Clock) -> None:
        cache.set("key", b"value", 10)
        clock.now += 5
        cache.set("key", b"value", 10)

        clock.now += 9
        assert cache.get("key") == b"value"

    def test_a_value_set_again_without_an_expiry_stays(self, cache: MemoryCache, clock: Clock) -> None:
        cache.set("key", b"value", 10)
        cache.set("key", b"value")

        clock.now += 1e6
        assert cache.get("key") == b"value"

    def test_deleting_forgets_and_may_be_repeated(self, cache: MemoryCache, clock: Clock) -> None:
        cache.set("key", b"value", 10)

        cache.delete("key")
        cache.delete("key")

        clock.now += 20
        assert cache.get("key") is None

    def test_only_the_first_gets_a_lock(self, cache: MemoryCache) -> None:
        assert cache.acquire("lock", 10)
        assert not cache.acquire("lock", 10)
        assert cache.acquire("other", 10)

    def test_a_lock_ends_by_itself(self, cache: MemoryCache, clock: Clock) -> None:
        cache.acquire("lock", 10)
        clock.now += 10

        assert cache.acquire("lock", 10)

    def test_a_lock_can_be_given_back_early(self, cache: MemoryCache) -> None:
        cache.acquire("lock", 10)
        cache.delete("lock")

        assert cache.acquire("lock", 10)

    def test_of_many_threads_one_gets_the_lock(self, cache: MemoryCache) -> None:
        # Given eight threads that begin at once
        begin = threading.Barrier(8)
        got: list[bool] = []

        def ask() -> None:
            begin.wait()
            got.append(cache.acquire("lock", 10))

        threads = [threading.Thread(target=ask) for _ in range(8)]

        # When all ask for the same lock
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        # Then one of them has it
        assert sorted(got) == [False] * 7 + [True]


class TestCacheFrom:
    def test_a_process_has_one_cache_for_each_url(self) -> None:
        open_cache("memory://").set("fmn:test", b"value")

        assert open_cache("memory://").get("fmn:test") == b"value"

        open_cache("memory://").delete("fmn:test")

    @pytest.mark.parametrize("url", ["redis://127.0.0.1:1/3", "rediss://127.0.0.1:1", "unix:///nowhere"])
    def test_redis_is_known_by_its_urls(self, url: str) -> None:
        assert isinstance(open_cache(url), RedisCache)

    @pytest.mark.parametrize("url", ["", "memory:", "memcached://localhost", "redis://host:port"])
    def test_other_urls_are_refused_in_a_sentence(self, url: str) -> None:
        with pytest.raises(OperatorError, match="say memory:// or redis://host:port/number"):
            open_cache(url)
