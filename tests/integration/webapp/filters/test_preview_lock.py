"""Turns of previews in several web processes, which share Redis."""

from __future__ import annotations

import pytest

from fmn.infra.redis_cache import RedisCache
from tests.servers.redis import RedisServer
from tests.unit.webapp.filters.test_preview_lock import turn
from webapp.filters import preview_lock
from webapp.filters.preview_lock import PreviewBusyError


def test_they_take_turns_whatever_process_they_are_in(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(preview_lock, "WAIT_SECONDS", 0.01)
    monkeypatch.setattr(preview_lock, "POLL_SECONDS", 0.0)
    one, other = RedisCache(redis_server.url), RedisCache(redis_server.url)

    with turn(one) as is_abandoned:
        assert not is_abandoned()
        with pytest.raises(PreviewBusyError), turn(other):
            pass
        assert is_abandoned()
    with turn(other) as is_abandoned:
        assert not is_abandoned()


def test_without_redis_there_are_previews_all_the_same() -> None:
    away = RedisCache("redis://127.0.0.1:1")

    with turn(away) as is_abandoned:
        assert not is_abandoned()
