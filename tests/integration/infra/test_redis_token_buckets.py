"""Token buckets in Redis: one count for all processes, and what happens without Redis."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import redis
from prometheus_client import REGISTRY

from fmn.infra.redis_token_buckets import PREFIX, RedisTokenBuckets
from fmn.settings.request_limits import RateLimit
from tests.servers.redis import RedisServer

RATE = RateLimit(5, 3600)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture
def client(server: RedisServer) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(server.url) as connected:
        connected.flushdb()
        yield connected


def counted_alone() -> float:
    return REGISTRY.get_sample_value("fmn_limits_counted_alone_total") or 0.0


@pytest.mark.usefixtures("client")
def test_processes_take_from_the_same_bucket(server: RedisServer) -> None:
    processes = [RedisTokenBuckets(server.url) for _ in range(3)]

    taken = [processes[number % 3].take("alice", RATE) for number in range(7)]

    assert [not each.wait for each in taken] == [True] * 5 + [False] * 2
    assert [each.remaining for each in taken] == [4, 3, 2, 1, 0, 0, 0]
    assert 0 < taken[-1].wait <= RATE.seconds / RATE.amount
    assert 0 < taken[-1].reset <= RATE.seconds


@pytest.mark.usefixtures("client")
def test_of_many_who_ask_at_once_as_many_get_a_token_as_there_are(server: RedisServer) -> None:
    buckets = RedisTokenBuckets(server.url)

    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda _: buckets.take("alice", RATE), range(100)))

    assert sum(not each.wait for each in taken) == RATE.amount


def test_a_bucket_is_one_small_key_that_goes_by_itself(server: RedisServer, client: redis.Redis) -> None:
    buckets = RedisTokenBuckets(server.url)

    for _ in range(100):
        buckets.take("alice", RateLimit(1_000, 60))

    key, = client.keys("*")
    assert key == f"{PREFIX}alice".encode()
    assert 0 < client.pttl(key) <= 6_001
    assert 0 < (client.memory_usage(key) or 0) < 200


def test_a_bucket_that_redis_forgets_is_full(server: RedisServer, client: redis.Redis) -> None:
    buckets = RedisTokenBuckets(server.url)
    while not buckets.take("alice", RATE).wait:
        pass

    client.flushdb()

    assert buckets.take("alice", RATE).remaining == RATE.amount - 1


def test_without_redis_each_process_counts_by_itself(tmp_path: Path) -> None:
    # Given a Redis that is away
    server = RedisServer(tmp_path / "redis")
    buckets = RedisTokenBuckets(server.url, reset_seconds=0)
    before = counted_alone()

    # Then nobody is refused for that, and limits hold all the same
    assert [not buckets.take("alice", RATE).wait for _ in range(7)] == [True] * 5 + [False] * 2
    assert counted_alone() == before + 7

    # And when it's there again, it counts
    with server:
        assert buckets.take("alice", RATE).remaining == 4


def test_a_redis_that_hangs_is_left_alone_for_a_while(tmp_path: Path) -> None:
    with RedisServer(tmp_path / "redis") as server:
        buckets = RedisTokenBuckets(server.url, timeout_seconds=0.05, reset_seconds=3600)
        buckets.take("alice", RATE)
        with server.frozen():
            first = buckets.take("alice", RATE)
        # Then it isn't even asked, though it answers again
        assert [first.remaining, buckets.take("alice", RATE).remaining] == [4, 3]
