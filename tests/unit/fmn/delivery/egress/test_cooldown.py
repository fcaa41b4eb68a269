"""Whom nobody waits for again so soon."""

from __future__ import annotations

from itertools import count

from fmn.delivery.egress.cooldown import SILENCE, Silences


def test_who_did_not_answer_is_not_asked_for_a_while() -> None:
    now = 1_000.0
    silences = Silences(lambda: now)
    assert not silences.is_silent("alice")
    silences.note("alice")
    assert silences.is_silent("alice")
    assert not silences.is_silent("bob")
    now += SILENCE
    assert not silences.is_silent("alice")


def test_who_asked_for_it_is_left_alone_as_long() -> None:
    now = 1_000.0
    silences = Silences(lambda: now)
    silences.note("alice", 3_600)
    now += 3_599
    assert silences.is_silent("alice")
    now += 1
    assert not silences.is_silent("alice")


def test_who_was_silent_long_ago_is_forgotten() -> None:
    seconds = count()
    silences = Silences(lambda: next(seconds))
    for number in range(1_000):
        silences.note(str(number))
    assert len(silences) == SILENCE
