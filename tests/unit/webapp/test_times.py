"""Times on pages."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from webapp.identity import Identity
from webapp.times import offers_zone, time_after_preposition, time_element

NOW = datetime(2026, 5, 14, 21, 0, 7, 123456, tzinfo=UTC)


def asked(identity: Identity | None) -> Any:
    return SimpleNamespace(identity=identity, now=NOW)


def test_a_time_is_told_where_its_reader_is_with_the_exact_moment() -> None:
    alice = asked(Identity(1, "alice", time_zone="Europe/Prague"))
    assert time_element(alice, NOW) == (
        '<time datetime="2026-05-14T21:00:07+00:00" title="Thursday, 14 May 2026, 23:00:07 CEST">'
        "today at 23:00</time>")
    assert time_after_preposition(alice, NOW.replace(day=18)).endswith(">Monday at 23:00</time>")


def test_a_stranger_is_told_in_utc() -> None:
    assert time_element(asked(None), NOW).endswith(">2026-05-14 21:00 UTC</time>")


def test_words_are_escaped() -> None:
    assert "&lt;b&gt;" in time_element(asked(None), NOW, "<b>")


def test_a_zone_is_offered_to_whoever_has_never_chosen_one() -> None:
    assert offers_zone(asked(Identity(1, "alice", time_zone_chosen=False)))
    assert not offers_zone(asked(Identity(1, "alice", time_zone_chosen=False, time_zone="Asia/Tokyo")))
    assert not offers_zone(asked(Identity(1, "alice")))
    assert not offers_zone(asked(None))
