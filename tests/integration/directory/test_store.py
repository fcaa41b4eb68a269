"""Several processes that share one directory through a real Redis, and what befalls it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import redis

from fmn.catalog import Package
from fmn.directory import DirectoryStore, DirectoryUnavailableError, Relation, open_directory
from fmn.directory.codec import FORMAT
from fmn.directory.merging import DirectoryPart
from fmn.directory.source_factory import sources_from
from fmn.infra.redis_cache import RedisCache
from fmn.settings import DirectorySettings
from tests.integration.directory.web_server import WebServer, page
from tests.servers.redis import RedisServer
from tests.servers.waiting import wait_until

PHP = Package("rpms", "php")


class People:
    """The JSON file that all processes read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def own(self, *nicks: str) -> None:
        self.path.write_text(json.dumps({"owners": {nick: {"rpms": ["php"]} for nick in nicks}}))

    def vanish(self) -> None:
        self.path.unlink()


@pytest.fixture
def people(tmp_path: Path) -> People:
    people = People(tmp_path / "people.json")
    people.own("alice")
    return people


@pytest.fixture
def make(client: redis.Redis, redis_server: RedisServer, people: People) -> Callable[[], DirectoryStore]:
    """Makes the store of one more process, with a connection of its own and no pause between checks."""
    settings = DirectorySettings(ownership="file", file=people.path)

    return lambda: DirectoryStore(
        sources_from(settings), RedisCache(redis_server.url, reset_seconds=0), check_seconds=0)


def owners(store: DirectoryStore) -> set[str]:
    return set(store.current().owners(PHP, Relation.COMMIT))


def test_one_refreshes_and_the_other_sees_it(make: Callable[[], DirectoryStore], people: People) -> None:
    scheduler, worker = make(), make()
    assert owners(worker) == {"alice"}

    people.own("alice", "bob")
    assert scheduler.refresh()

    assert owners(worker) == {"alice", "bob"}


def test_a_new_process_needs_no_source(make: Callable[[], DirectoryStore], people: People) -> None:
    make().refresh()
    people.vanish()

    assert owners(make()) == {"alice"}


def test_a_message_in_one_process_makes_another_refresh(
    make: Callable[[], DirectoryStore], people: People,
) -> None:
    consumer, scheduler, worker = make(), make(), make()
    assert owners(worker) == {"alice"}
    people.own("bob")

    consumer.request_refresh()
    assert scheduler.refresh_if_requested()

    assert owners(worker) == {"bob"}


@pytest.mark.parametrize("accident", ["flush", "restart", "stop", "kill"])
def test_whatever_befalls_redis_nothing_raises_and_nothing_is_empty(
    make: Callable[[], DirectoryStore], redis_server: RedisServer, client: redis.Redis, people: People,
    accident: str,
) -> None:
    # Given a scheduler and a worker that share a directory
    scheduler, worker = make(), make()
    scheduler.refresh()
    assert owners(worker) == {"alice"}

    # When the accident happens
    accidents: dict[str, Callable[[], object]] = {
        "flush": client.flushall, "restart": redis_server.restart,
        "stop": redis_server.stop, "kill": redis_server.kill}
    accidents[accident]()

    # Then the worker goes on, also while the source changes, and processes start that never had one
    assert owners(worker) == {"alice"}
    people.own("alice", "bob")
    assert owners(worker) == {"alice"}
    worker.request_refresh()
    scheduler.refresh_if_requested()
    scheduler.refresh()
    assert owners(scheduler) == owners(make()) == {"alice", "bob"}

    # And when Redis is back, all come together again
    redis_server.start()
    people.own("carol")
    scheduler.refresh()
    assert owners(worker) == owners(scheduler) == owners(make()) == {"carol"}


def test_a_flushed_redis_is_filled_again_by_the_scheduler(
    make: Callable[[], DirectoryStore], client: redis.Redis,
) -> None:
    scheduler, worker = make(), make()
    scheduler.refresh()
    worker.current()

    client.flushall()
    worker.current()
    assert scheduler.refresh_if_requested()

    assert client.exists(f"fmn:directory:{FORMAT}:version")


def test_without_redis_and_source_nobody_matches_with_nothing(
    make: Callable[[], DirectoryStore], redis_server: RedisServer, people: People,
) -> None:
    redis_server.stop()
    people.vanish()

    with pytest.raises(DirectoryUnavailableError, match="can't be read: No such file"):
        make().current()


def test_a_broken_source_changes_nothing_for_who_has_a_directory(
    make: Callable[[], DirectoryStore], people: People,
) -> None:
    worker = make()
    worker.current()
    people.path.write_text("{")

    with pytest.raises(DirectoryUnavailableError, match="isn't JSON"):
        make().refresh()

    assert owners(worker) == owners(make()) == {"alice"}


def test_another_format_has_keys_of_its_own(
    make: Callable[[], DirectoryStore], client: redis.Redis, people: People,
) -> None:
    # Given what a newer version of FMN published
    client.set(f"fmn:directory:{FORMAT + 1}:version", "newer")
    client.set(f"fmn:directory:{FORMAT + 1}:content:newer", b"unreadable to us")

    # When this version looks, then it isn't disturbed and doesn't disturb
    assert owners(make()) == {"alice"}
    assert client.get(f"fmn:directory:{FORMAT + 1}:version") == b"newer"


def test_of_many_that_start_at_once_one_fetches(client: redis.Redis, redis_server: RedisServer) -> None:
    # Given a source that takes until all processes have asked the cache
    class Slow:
        def __init__(self) -> None:
            self.fetches = 0

        def fetch(self) -> DirectoryPart:
            self.fetches += 1
            wait_until(lambda: len(waiting) == 3, 30, "the others don't wait")
            return DirectoryPart(committers={"rpms": {"php": ["alice"]}})

    source, waiting = Slow(), set[int]()

    def pause(_seconds: float) -> None:
        waiting.add(threading.get_ident())
        wait_until(lambda: client.exists(f"fmn:directory:{FORMAT}:version"), 30, "nobody publishes")

    stores = [DirectoryStore([source], RedisCache(redis_server.url), pause=pause) for _ in range(4)]

    # When four processes start at once
    threads = [threading.Thread(target=store.current) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # Then one fetched for all
    assert source.fetches == 1
    assert all(owners(store) == {"alice"} for store in stores)


def test_pagure_to_worker(client: redis.Redis, redis_server: RedisServer, web: WebServer) -> None:
    # Given a Pagure, and settings that name it
    web.pages["/extras/pagure_owner_alias.json"] = page({"rpms": {"php": ["alice", "@kde"]}})
    web.pages["/extras/pagure_bz.json"] = page({"rpms": {"php": ["bob"]}})
    web.pages["/api/0/group/kde"] = page({"members": ["carol"]})
    settings = DirectorySettings(ownership="pagure", pagure_url=web.url, email_domain="example.org")
    open_directory(settings, RedisCache(redis_server.url)).refresh()

    # When another process looks
    directory = open_directory(settings, RedisCache(redis_server.url)).current()

    # Then it knows, without asking Pagure again
    assert directory.owners(PHP, Relation.COMMIT) == {"alice", "carol"}
    assert directory.owners(PHP, Relation.WATCH) == {"bob"}
    assert directory.address("bob") == "bob@example.org"
    assert len(web.requests) == 3
