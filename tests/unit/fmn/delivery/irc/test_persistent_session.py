"""Being there while wanted, with sessions that a test opens and ends."""

from __future__ import annotations

import time
from collections.abc import Iterator
from threading import Event
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from fmn.delivery.contract import ChannelDownError
from fmn.delivery.irc import persistent_session
from fmn.delivery.irc.irc_session import IrcSession
from fmn.delivery.irc.persistent_session import JITTER, LONGEST_PAUSE, PersistentSession, pause_after
from tests.servers.waiting import wait_until

LONG = 600.0
IN_USE = ChannelDownError("our nick is in use")


class FakeSession:
    """A session that ends when it's told."""

    def __init__(self) -> None:
        self.ended = Event()
        self.end = ChannelDownError("killed")

    def check_alive(self) -> None:
        pass

    def close(self, _farewell: str = "") -> None:
        self.ended.set()


class Door:
    """Where sessions come from; ``failure`` is why they don't."""

    def __init__(self) -> None:
        self.opened: list[FakeSession] = []
        self.attempts = 0
        self.failure: Exception | None = None

    def __call__(self) -> IrcSession:
        self.attempts += 1
        if self.failure is not None:
            raise self.failure
        self.opened.append(FakeSession())
        return cast(IrcSession, self.opened[-1])


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Door:
    monkeypatch.setattr(persistent_session, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(persistent_session, "LONGEST_PAUSE", 0.02)
    monkeypatch.setattr(persistent_session, "_LOOK", 0.01)
    return Door()


@pytest.fixture
def being(door: Door) -> Iterator[PersistentSession]:
    there = PersistentSession(door)
    yield there
    there.close()


def later(seconds: float = LONG) -> float:
    return time.monotonic() + seconds


def test_nobody_is_there_who_is_not_wanted(being: PersistentSession, door: Door) -> None:
    with pytest.raises(ChannelDownError, match="still getting in"):
        being.session(time.monotonic())
    assert door.attempts == 0


def test_one_session_is_open_however_often_it_is_wanted(being: PersistentSession, door: Door) -> None:
    for _ in range(3):
        being.keep_open(later())
        assert cast(FakeSession, being.session(later())) is door.opened[0]
    assert door.attempts == 1


def test_one_that_ended_is_replaced(being: PersistentSession, door: Door) -> None:
    being.keep_open(later())
    being.session(later())
    door.opened[0].close()
    wait_until(lambda: len(door.opened) == 2, 10, "it isn't replaced")


def test_who_does_not_get_in_says_why_at_once_and_goes_on_trying(
    being: PersistentSession, door: Door,
) -> None:
    door.failure = IN_USE
    with capture_logs() as logged:
        being.keep_open(later())
        with pytest.raises(ChannelDownError, match="our nick is in use"):
            being.session(later())
        assert being.failure == "our nick is in use"
        wait_until(lambda: door.attempts >= 5, 10, "it isn't tried again")
    # Which is said once, and not every minute
    assert [entry["reason"] for entry in logged if entry["event"] == "not on IRC"] == ["our nick is in use"]
    door.failure = None
    wait_until(lambda: door.opened, 10, "it's not noticed that the nick is free")
    assert cast(FakeSession, being.session(later())) is door.opened[0]
    assert being.failure == ""


def test_a_fault_of_ours_does_not_end_it(being: PersistentSession, door: Door) -> None:
    door.failure = RuntimeError("a bug")
    with capture_logs() as logged:
        being.keep_open(later())
        with pytest.raises(ChannelDownError, match="internal error: RuntimeError"):
            being.session(later())
    assert any(entry["log_level"] == "error" for entry in logged)
    door.failure = None
    wait_until(lambda: door.opened, 10, "it isn't tried again")


def test_who_is_not_wanted_any_more_leaves_and_tries_no_more(being: PersistentSession, door: Door) -> None:
    def is_there_when_wanted_for_a_moment() -> bool:
        being.keep_open(later(0.05))
        return bool(door.opened)

    wait_until(is_there_when_wanted_for_a_moment, 10, "it doesn't come")
    wait_until(door.opened[-1].ended.is_set, 10, "it stays")
    # And comes back when wanted again
    before = len(door.opened)
    being.keep_open(later())
    wait_until(lambda: len(door.opened) == before + 1, 10, "it doesn't come back")


def test_closing_leaves(being: PersistentSession, door: Door) -> None:
    being.keep_open(later())
    being.session(later())
    being.close()
    assert door.opened[0].ended.is_set()


def test_closing_is_possible_while_nobody_gets_in(
    being: PersistentSession, door: Door, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(persistent_session, "FIRST_PAUSE", LONG)
    monkeypatch.setattr(persistent_session, "LONGEST_PAUSE", LONG)
    door.failure = IN_USE
    being.keep_open(later())
    wait_until(lambda: door.attempts, 10, "it isn't tried")
    being.close()
    assert door.attempts == 1


@given(st.integers(1, 10_000))
def test_pauses_grow_up_to_a_longest(failures: int) -> None:
    pause = pause_after(failures)
    assert 0 < pause <= LONGEST_PAUSE * (1 + JITTER)
    assert failures < 10 or pause >= LONGEST_PAUSE * (1 - JITTER)


