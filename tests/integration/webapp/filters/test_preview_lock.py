"""Turns of previews in several web processes, which share Redis."""

from __future__ import annotations

import pytest

from fmn.infra.cache import RedisCache
from tests.servers.redis import RedisServer
from tests.unit.webapp.filters.test_preview_lock import turn
from webapp.filters import preview_lock
from webapp.filters.preview_lock import BusyError


def test_they_take_turns_whatever_process_they_are_in(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(preview_lock, "WAIT", 0.01)
    monkeypatch.setattr(preview_lock, "LOOK", 0.0)
    one, other = RedisCache(redis_server.url), RedisCache(redis_server.url)

    with turn(one) as nobody_waits:
        assert not nobody_waits()
        with pytest.raises(BusyError), turn(other):
            pass
        assert nobody_waits()
    with turn(other) as nobody_waits:
        assert not nobody_waits()


def test_without_redis_there_are_previews_all_the_same() -> None:
    away = RedisCache("redis://127.0.0.1:1")

    with turn(away) as nobody_waits:
        assert not nobody_waits()
