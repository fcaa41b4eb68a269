"""Servers for the directory's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis

from fmn.infra import http
from tests.integration.directory.web_server import WebServer
from tests.servers.redis import RedisServer


@pytest.fixture
def web() -> Iterator[WebServer]:
    """A web server without any page yet."""
    with WebServer() as server:
        yield server


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses between attempts: the server won't get better by waiting."""
    monkeypatch.setattr(http, "FIRST_BACKOFF_SECONDS", 0.0)


@pytest.fixture
def client(redis_server: RedisServer) -> Iterator[redis.Redis]:
    """A direct way into an empty Redis that is left running."""
    with redis.Redis.from_url(redis_server.url) as client:
        client.flushall()
        yield client
    redis_server.start()
