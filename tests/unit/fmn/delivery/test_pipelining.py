from __future__ import annotations

import math
import re
from collections.abc import Generator
from contextlib import closing

import pytest

from fmn.delivery.contract import ChannelDownError, DeliveryError, Pause
from fmn.delivery.pipelining import DeliveryAttempt, batch_size_of, negotiate, preparer, transmit
from tests.factories.fake_channels import (
    BUSY,
    PipelinedFakeChannel,
    RecordingChannel,
    failing_at,
    failing_for,
)
from tests.unit.fmn.delivery.email.examples import a_delivery

DOWN = ChannelDownError("connection refused")
#: In seconds of the monotonic clock.
UNTIL = 7.0


def ready(channel: PipelinedFakeChannel | RecordingChannel) -> list[DeliveryAttempt]:
    return [DeliveryAttempt(preparer(channel), a_delivery(destination=f"{who}@example.org")) for who in "abc"]


def delivered(channel: PipelinedFakeChannel | RecordingChannel) -> list[DeliveryError | None]:
    with closing(channel):
        attempts = ready(channel)
        negotiate(attempts, UNTIL)
        transmit(attempts)
    assert all(each.is_over for each in attempts)
    return [each.error for each in attempts]


def steps(*names: str) -> list[str]:
    return [f"{name} {who}" for name in names for who in "abc"]


def test_all_are_made_ready_before_any_is_handed_over_and_then_go_on_together() -> None:
    channel = PipelinedFakeChannel()
    assert delivered(channel) == [None, None, None]
    assert channel.done == steps("ready", "negotiate", "transmit")


def test_nothing_is_handed_over_before_all_is_agreed() -> None:
    with closing(PipelinedFakeChannel(failing_at(negotiate_b=BUSY))) as channel:
        attempts = ready(channel)
        negotiate(attempts, UNTIL)
        assert channel.done == [*steps("ready"), "negotiate a", "negotiate c"]
        assert [each.is_over for each in attempts] == [False, True, False]


def test_other_things_are_done_while_there_is_nothing_to_hear() -> None:
    with closing(PipelinedFakeChannel()) as channel:
        attempts = ready(channel)
        negotiate(attempts, UNTIL)
        # Given somebody who answers only after something else was done
        channel.unanswered = {"transmit b"}
        meanwhile = iter(["transmit b", "more"])
        # When that is to be done meanwhile, then it is
        transmit(attempts, map(channel.answer, meanwhile))
        assert next(meanwhile) == "more"
        assert [each.error for each in attempts] == [None, None, None]


def test_nothing_counts_as_handed_over_before_its_last_step() -> None:
    # Given a channel that says several times that all is agreed
    done = []

    def steps_of(until: float) -> Generator[Pause, None, None]:
        for step in range(3):
            yield Pause(None, until)
            done.append(step)

    attempt = DeliveryAttempt(lambda _words: steps_of, a_delivery())
    negotiate([attempt], UNTIL)
    assert (attempt.is_over, done) == (False, [])
    transmit([attempt])
    assert (attempt.is_over, done) == (True, [0, 1, 2])


def test_what_was_answered_in_the_end_is_kept_for_the_log() -> None:
    with closing(PipelinedFakeChannel(failing_at(transmit_b=BUSY))) as channel:
        attempts = ready(channel)
        negotiate(attempts, UNTIL)
        transmit(attempts)
    assert [each.receipt for each in attempts] == [{"receipt": "a"}, None, {"receipt": "c"}]


@pytest.mark.parametrize("step", ["negotiate a", "transmit a"])
def test_what_gets_no_answer_goes_on_when_it_is_too_late(step: str) -> None:
    channel = PipelinedFakeChannel()
    channel.unanswered, channel.patience = {step}, 0.05
    assert delivered(channel) == [None, None, None]
    assert channel.done == steps("ready", "negotiate", "transmit")


def test_who_was_asked_last_and_says_nothing_holds_up_no_other() -> None:
    # Given one that answers, to what it was asked last, only when the others have got further
    channel = PipelinedFakeChannel()
    channel.asked, channel.unanswered, channel.patience = ("greet", "negotiate"), {"greet c"}, math.inf

    def before(step: str) -> None:
        if step == "negotiate b":
            channel.answer("greet c")

    channel.before = before
    assert delivered(channel) == [None, None, None]
    assert channel.done == steps("ready", "greet", "negotiate", "transmit")


@pytest.mark.parametrize("step", ["ready_b", "negotiate_b", "transmit_b"])
def test_what_fails_holds_up_no_other(step: str) -> None:
    channel = PipelinedFakeChannel(failing_at(**{step: BUSY}))
    assert delivered(channel) == [None, BUSY, None]
    assert {"transmit a", "transmit c"} <= set(channel.done)
    assert "transmit b" not in channel.done


def test_a_fault_of_ours_is_told_without_its_text() -> None:
    _, error, _ = delivered(PipelinedFakeChannel(failing_at(negotiate_b=ZeroDivisionError("a secret"))))
    assert error is not None
    assert re.fullmatch("internal error: ZeroDivisionError", error.reason)
    assert not error.permanent


def test_what_has_not_begun_when_the_channel_is_down_is_not_tried() -> None:
    channel = PipelinedFakeChannel(failing_at(negotiate_b=DOWN))
    assert delivered(channel) == [None, DOWN, DOWN]
    assert "negotiate c" not in channel.done


def test_of_a_channel_that_is_known_to_be_down_nothing_is_asked() -> None:
    with closing(PipelinedFakeChannel()) as channel:
        attempts = ready(channel)
        negotiate(attempts, UNTIL, DOWN)
        transmit(attempts)
    assert [each.error for each in attempts] == [DOWN, DOWN, DOWN]
    assert channel.done == steps("ready")


def test_a_channel_without_pauses_delivers_one_after_the_other() -> None:
    channel = RecordingChannel()
    channel.before = failing_for("b@example.org", error=BUSY)
    assert delivered(channel) == [None, BUSY, None]
    assert channel.destinations == ["a@example.org", "c@example.org"]
    assert (batch_size_of(channel), batch_size_of(PipelinedFakeChannel())) == (1, 3)


def test_what_is_abandoned_is_not_handed_over_however_far_it_has_come() -> None:
    with closing(PipelinedFakeChannel()) as channel:
        attempts = ready(channel)
        attempts[0].abandon()
        negotiate(attempts[1:], UNTIL)
        attempts[1].abandon()
        transmit(attempts[1:])
    assert all(each.is_over for each in attempts)
    assert channel.done == [*steps("ready"), "negotiate b", "negotiate c", "transmit c"]


def test_all_that_is_to_be_done_meanwhile_is_done_before_anything_is_handed_over() -> None:
    # Given a channel that answers at once, and one that is down
    for down in (None, DOWN):
        with closing(PipelinedFakeChannel()) as channel:
            meanwhile = iter(["this", "that"])
            negotiate(ready(channel), UNTIL, down, meanwhile)
            assert list(meanwhile) == []
