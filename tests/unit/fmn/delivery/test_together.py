from __future__ import annotations

import math
import re
import socket
import time
from collections.abc import Generator, Mapping
from contextlib import closing
from functools import partial

import pytest

from fmn.delivery.contract import ChannelDownError, DeliveryError, HandOver, Outgoing, Pause
from fmn.delivery.together import Attempt, hand_over, most_at_once, preparing
from tests.factories.channels import BUSY, RecordingChannel, failing_for
from tests.unit.fmn.delivery.email.cases import an_outgoing

DOWN = ChannelDownError("connection refused")
ADDRESSES = ("a@example.org", "b@example.org", "c@example.org")


class Slow:
    """A channel that pauses after each of two steps, and remembers what it did.

    What it waits for is there at once, but for whoever it's told never answers.
    """

    name, at_once = "slow", 3

    def __init__(self, **errors: Exception) -> None:
        self.errors = errors
        self.done: list[str] = []
        self.silent = ""
        self.answering, other = socket.socketpair()
        other.close()
        self.quiet, self._kept_open = socket.socketpair()

    def deliver(self, outgoing: Outgoing, until: float = math.inf) -> None:
        raise AssertionError("it's told to do it in steps")

    def prepare(self, outgoing: Outgoing) -> HandOver:
        who = outgoing.destination[0]
        self._do(f"{who}0")
        return partial(self._steps, who)

    def close(self) -> None:
        for each in (self.answering, self.quiet, self._kept_open):
            each.close()

    def _steps(self, who: str, until: float) -> Generator[Pause, None, Mapping[str, str]]:
        assert until == 7.0
        for step in (1, 2):
            self._do(f"{who}{step}")
            if who == self.silent:
                yield Pause(self.quiet, time.monotonic() + 0.05)
            else:
                yield Pause(self.answering, math.inf)
        return {"receipt": who}

    def _do(self, step: str) -> None:
        self.done.append(step)
        if step in self.errors:
            raise self.errors[step]


def delivered(channel: Slow | RecordingChannel) -> list[DeliveryError | None]:
    with closing(channel):
        attempts = [Attempt(preparing(channel), an_outgoing(destination=address)) for address in ADDRESSES]
        hand_over(attempts, 7.0)
    assert all(each.is_over for each in attempts)
    return [each.error for each in attempts]


def test_all_are_made_ready_before_any_is_handed_over_and_then_go_on_together() -> None:
    channel = Slow()
    assert delivered(channel) == [None, None, None]
    assert channel.done == ["a0", "b0", "c0", "a1", "b1", "c1", "a2", "b2", "c2"]


def test_what_was_answered_in_the_end_is_kept_for_the_log() -> None:
    channel = Slow(b1=BUSY)
    with closing(channel):
        attempts = [Attempt(preparing(channel), an_outgoing(destination=address)) for address in ADDRESSES]
        hand_over(attempts, 7.0)
    assert [each.receipt for each in attempts] == [{"receipt": "a"}, None, {"receipt": "c"}]


def test_what_gets_no_answer_goes_on_when_it_is_too_late_and_holds_up_no_other() -> None:
    channel = Slow()
    channel.silent = "a"
    assert delivered(channel) == [None, None, None]
    assert channel.done == ["a0", "b0", "c0", "a1", "b1", "c1", "b2", "c2", "a2"]


@pytest.mark.parametrize("step", ["b0", "b1", "b2"])
def test_what_fails_holds_up_no_other(step: str) -> None:
    channel = Slow(**{step: BUSY})
    assert delivered(channel) == [None, BUSY, None]
    assert {"a2", "c2"} <= set(channel.done)
    assert not [each for each in channel.done if each.startswith("b") and each > step]


def test_a_fault_of_ours_is_told_without_its_text() -> None:
    _, error, _ = delivered(Slow(b1=ZeroDivisionError("a secret")))
    assert error is not None
    assert re.fullmatch("internal error: ZeroDivisionError", error.reason)
    assert not error.permanent


def test_what_has_not_begun_when_the_channel_is_down_is_not_tried() -> None:
    channel = Slow(b1=DOWN)
    assert delivered(channel) == [None, DOWN, DOWN]
    assert "c1" not in channel.done


def test_a_channel_without_pauses_delivers_one_after_the_other() -> None:
    channel = RecordingChannel()
    channel.before = failing_for("b@example.org", error=BUSY)
    assert delivered(channel) == [None, BUSY, None]
    assert channel.destinations == ["a@example.org", "c@example.org"]
    with closing(Slow()) as slow:
        assert (most_at_once(channel), most_at_once(slow)) == (1, 3)
