from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest

from fmn.infra.cache import Cache, MemoryCache
from fmn.matching.deadlines import IsAbandoned, RequestAbandonedError
from tests.servers.waiting import wait_until
from webapp.filters import preview_lock as module
from webapp.filters.preview_lock import PreviewBusyError, preview_lock
from webapp.request import Request

ALICE, BOB = 1, 2
#: Seconds within which another thread does something, however busy the machine is.
SOON = 30


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is, the older preview has time to end."""
    monkeypatch.setattr(module, "WAIT_SECONDS", SOON)


@contextmanager
def turn(cache: Cache, user_id: int = ALICE, **environ: Any) -> Iterator[IsAbandoned]:
    asked = SimpleNamespace(
        services=SimpleNamespace(cache=cache), me=SimpleNamespace(user_id=user_id), environ={
            f"waitress.{name}": value for name, value in environ.items()})
    with preview_lock(cast("Request", asked)) as is_abandoned:
        yield is_abandoned


def test_a_new_preview_takes_the_place_of_the_older_one() -> None:
    # Given a preview that is being made
    cache, order = MemoryCache(), []

    def newer() -> None:
        with turn(cache):
            order.append("newer")

    with ThreadPoolExecutor(1) as pool:
        with turn(cache) as is_abandoned:
            assert not is_abandoned()
            # When the same person asks for another
            asked = pool.submit(newer)
            # Then it's told to end, and the other one begins when it has
            wait_until(is_abandoned, SOON, "the older one goes on")
            order.append("older")
        asked.result(SOON)
    assert order == ["older", "newer"]


def test_of_those_that_wait_only_the_newest_has_its_turn() -> None:
    cache = MemoryCache()

    def ask(_number: int) -> bool:
        try:
            with turn(cache):
                return True
        except RequestAbandonedError:
            return False

    def newest() -> bytes | None:
        return cache.get(f"preview-newest:{ALICE}")

    with ThreadPoolExecutor(2) as pool:
        with turn(cache):
            running = newest()
            older = pool.submit(ask, 1)
            wait_until(lambda: newest() != running, SOON, "it doesn't wait")
            newer = pool.submit(ask, 2)
            wait_until(older.done, SOON, "the older one waits on")
        assert (older.result(SOON), newer.result(SOON)) == (False, True)


def test_others_have_turns_of_their_own() -> None:
    cache = MemoryCache()
    with turn(cache, ALICE) as is_abandoned, turn(cache, BOB):
        assert not is_abandoned()


def test_who_is_gone_waits_no_more() -> None:
    gone = False
    with turn(MemoryCache(), client_disconnected=lambda: gone) as is_abandoned:
        assert not is_abandoned()
        gone = True
        assert is_abandoned()


def test_a_turn_is_given_back_also_after_a_failure() -> None:
    cache = MemoryCache()
    with pytest.raises(ZeroDivisionError), turn(cache):
        raise ZeroDivisionError
    with turn(cache):
        pass


def test_one_that_does_not_end_keeps_others_waiting_for_a_while_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.01)
    cache = MemoryCache()
    with turn(cache), pytest.raises(PreviewBusyError), turn(cache):
        pass
