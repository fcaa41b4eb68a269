"""Whom nobody waits for again so soon."""

from __future__ import annotations

from itertools import count

from fmn.delivery.egress.cooldown import COOLDOWN_SECONDS, Cooldown


def test_who_did_not_answer_is_not_asked_for_a_while() -> None:
    now = 1_000.0
    cooldown = Cooldown(lambda: now)
    assert not cooldown.is_active("alice")
    cooldown.start("alice")
    assert cooldown.is_active("alice")
    assert not cooldown.is_active("bob")
    now += COOLDOWN_SECONDS
    assert not cooldown.is_active("alice")


def test_who_asked_for_it_is_left_alone_as_long() -> None:
    now = 1_000.0
    cooldown = Cooldown(lambda: now)
    cooldown.start("alice", 3_600)
    now += 3_599
    assert cooldown.is_active("alice")
    now += 1
    assert not cooldown.is_active("alice")


def test_who_was_silent_long_ago_is_forgotten() -> None:
    seconds = count()
    cooldown = Cooldown(lambda: next(seconds))
    for number in range(1_000):
        cooldown.start(str(number))
    assert len(cooldown) == COOLDOWN_SECONDS
