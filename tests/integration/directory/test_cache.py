"""The cache in a real Redis: what it keeps, and that its troubles stay its own."""

from __future__ import annotations

import socket
import time

import pytest
import redis
from structlog.testing import capture_logs

from fmn.infra.redis_cache import RedisCache
from tests.servers.ports import free_port
from tests.servers.redis import RedisServer
from tests.servers.waiting import wait_until


@pytest.fixture
def cache(client: redis.Redis, redis_server: RedisServer) -> RedisCache:
    return RedisCache(redis_server.url, reset_seconds=0)


def check_that_it_knows_nothing(cache: RedisCache) -> list[str]:
    """Use the cache in every way; returns the reasons that were logged."""
    with capture_logs() as logs:
        cache.set("key", b"value")
        assert cache.get("key") is None
        cache.delete("key")
        assert cache.acquire("lock", 10)
    assert {entry["event"] for entry in logs} == {"cache can't be used"}
    assert {entry["log_level"] for entry in logs} == {"warning"}
    return [entry["reason"] for entry in logs]


def test_it_gives_what_was_set_last_to_every_process(cache: RedisCache, redis_server: RedisServer) -> None:
    cache.set("key", b"\x00old")
    cache.set("key", b"\x00new")

    assert RedisCache(redis_server.url).get("key") == b"\x00new"


def test_it_forgets_what_was_deleted(cache: RedisCache) -> None:
    cache.set("key", b"value")
    cache.delete("key")
    cache.delete("key")

    assert cache.get("key") is None


def test_a_value_expires(cache: RedisCache, client: redis.Redis) -> None:
    cache.set("forever", b"value")
    cache.set("soon", b"value", 0.01)
    cache.set("later", b"value", 86400)

    wait_until(lambda: cache.get("soon") is None, 5, "the value doesn't expire")
    assert client.ttl("forever") == -1
    assert client.ttl("later") in {86399, 86400}


def test_one_of_all_processes_gets_a_lock(cache: RedisCache, redis_server: RedisServer) -> None:
    other = RedisCache(redis_server.url)

    assert cache.acquire("lock", 60)
    assert not other.acquire("lock", 60)
    cache.delete("lock")
    assert other.acquire("lock", 60)


def test_a_lock_ends_by_itself(cache: RedisCache) -> None:
    assert cache.acquire("lock", 0.01)

    wait_until(lambda: cache.acquire("lock", 60), 5, "the lock doesn't end")


def test_a_stopped_redis_is_as_one_that_knows_nothing(cache: RedisCache, redis_server: RedisServer) -> None:
    # Given a cache that was in use
    cache.set("key", b"value")

    # When Redis is gone, then nothing raises
    redis_server.stop()
    assert set(check_that_it_knows_nothing(cache)) == {"ConnectionError"}

    # And when it's back, empty, then the cache works again
    redis_server.start()
    assert cache.get("key") is None
    cache.set("key", b"again")
    assert cache.get("key") == b"again"


def test_a_restart_between_two_calls_is_not_noticed(cache: RedisCache, redis_server: RedisServer) -> None:
    cache.set("key", b"value")
    redis_server.restart()

    with capture_logs() as logs:
        cache.set("key", b"again")
        assert cache.get("key") == b"again"

    assert logs == []


def test_a_killed_redis_is_as_one_that_knows_nothing(cache: RedisCache, redis_server: RedisServer) -> None:
    cache.set("key", b"value")
    redis_server.kill()

    check_that_it_knows_nothing(cache)


def test_a_full_redis_keeps_nothing_more(cache: RedisCache, client: redis.Redis) -> None:
    cache.set("key", b"value")
    client.config_set("maxmemory", "1")
    try:
        with capture_logs() as logs:
            cache.set("key", b"more")
            assert cache.get("key") == b"value"
    finally:
        client.config_set("maxmemory", "0")

    assert [(entry["operation"], entry["reason"]) for entry in logs] == [("set", "OutOfMemoryError")]


def test_a_key_of_another_kind_is_as_one_that_is_not_there(cache: RedisCache, client: redis.Redis) -> None:
    client.lpush("key", "value")

    assert cache.get("key") is None


def test_a_hung_redis_holds_up_one_call_and_is_then_left_alone() -> None:
    # Given something that takes connections and never answers
    with socket.create_server(("127.0.0.1", free_port())) as hung:
        cache = RedisCache(
            f"redis://127.0.0.1:{hung.getsockname()[1]}", timeout_seconds=0.1, reset_seconds=60)

        # When it's asked often
        begin = time.monotonic()
        with capture_logs() as logs:
            for _ in range(100):
                assert cache.get("key") is None

        # Then that was waited for once
        assert [entry["reason"] for entry in logs] == ["TimeoutError"]
        assert time.monotonic() - begin < 5
