"""Counts of what presets would have let through, as they're offered to somebody, on both databases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fmn.catalog import Message, catalog
from fmn.directory.snapshot import Directory
from fmn.filters.conditions import MessagePart
from fmn.filters.presets import presets
from fmn.filters.rule_types import rule_types
from fmn.infra.cache import MemoryCache
from fmn.infra.db import Database
from fmn.ledger.day_range import DayRange
from fmn.ledger.messages import lock_unmatched, mark_matched, store
from fmn.matching import preset_counts
from fmn.matching.clause_parts import parts_of
from fmn.matching.compiler import compile_expression
from fmn.matching.match_context import MatchContext
from fmn.matching.preset_counts import MessageCount, count_presets, maintains_packages
from fmn.matching.preview import preview
from tests.factories.statements import statements_on

pytestmark = pytest.mark.dialects

NOW = datetime(2026, 5, 14, 18, tzinfo=UTC)
DIRECTORY = Directory(
    committers={"rpms": {"moss": ("alice",), "fern": ("@ferns",)}}, groups={"ferns": frozenset({"bob"})})
CONTEXT = MatchContext(rule_types(), catalog(), DIRECTORY)
PRESETS = list(presets(rule_types()))


def push(number: int, who: str, package: str = "moss") -> Message:
    commit: dict[str, Any] = {
        "username": who, "namespace": "rpms", "repo": package, "branch": "rawhide",
        "summary": f"Grow {number}"}
    return Message(
        f"2026-{number}", "org.fedoraproject.prod.git.receive", NOW - timedelta(hours=number),
        {"commit": commit})


def post(number: int) -> Message:
    return Message(
        f"2026-{number}", "org.fedoraproject.prod.planet.post.new", NOW - timedelta(hours=number), {
            "post": {"title": "Moss", "link": "https://example.org/"}, "username": "mary"})


@pytest.fixture(autouse=True)
def _there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else the machine does meanwhile."""
    monkeypatch.setattr(preset_counts, "SECONDS", 600)


@pytest.fixture
def history(database: Database) -> Database:
    """A ledger in which Bob pushed five times to Alice's package and Alice once, and Mary posted twice."""
    messages = [push(6, "alice"), *(push(number, "bob") for number in range(5, 0, -1)), post(8), post(7)]
    receive(database, messages)
    return database


def receive(database: Database, messages: list[Message]) -> None:
    with database.transaction() as session:
        for message in messages:
            (number,) = store(session, [message], message.sent_at)
            (row,) = lock_unmatched(session, [number])
            mark_matched(session, [(row.id, catalog().facts(message))], message.sent_at)


def counts(database: Database, nick: str, cache: MemoryCache | None = None) -> Mapping[str, MessageCount]:
    with database.reading() as session:
        return count_presets(session, PRESETS, nick, CONTEXT, DayRange(NOW), cache or MemoryCache())


def found(database: Database, nick: str) -> dict[str, int]:
    return {key: each.messages for key, each in counts(database, nick).items() if each.messages}


def test_each_is_counted_as_far_as_the_ledger_goes_back(history: Database) -> None:
    assert counts(history, "alice").keys() == {preset.key for preset in PRESETS}
    assert found(history, "alice") == {"changes": 5, "news": 2}
    changes = counts(history, "alice")["changes"]
    assert (changes.complete, changes.since) == (True, NOW - timedelta(hours=8))
    assert changes.a_day(NOW) == 5.0


def test_they_are_somebody_elses_for_somebody_else(history: Database) -> None:
    receive(history, [push(9, "alice", "fern")])
    assert found(history, "bob") == {"changes": 1, "news": 2}
    assert found(history, "mallory") == {"news": 2}


def test_they_are_what_previews_say(history: Database) -> None:
    for nick in ("alice", "bob", "mary", "mallory"):
        with history.reading() as session:
            previews = {
                each.key: preview(session, each.expression, nick, CONTEXT, DayRange(NOW), seconds=600).total
                for each in PRESETS}
        assert {key: each.messages for key, each in counts(history, nick).items()} == previews


def test_no_preset_asks_for_bodies() -> None:
    for preset in PRESETS:
        assert MessagePart.BODY not in parts_of(compile_expression(preset.expression, rule_types()))


def test_what_is_the_same_for_everybody_is_remembered_for_a_while(history: Database) -> None:
    now, cache = [0.0], MemoryCache(lambda: now[0])
    assert counts(history, "alice", cache)["news"].messages == 2
    receive(history, [post(10)])
    with statements_on(history) as statements:
        found = counts(history, "bob", cache)
    assert found["news"].messages == 2
    assert sum(each.startswith("SELECT") for each in statements) == 2
    now[0] += preset_counts.CACHED_SECONDS + 1
    assert counts(history, "bob", cache)["news"].messages == 3


def test_of_very_many_the_newest_are_counted(history: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preset_counts, "MAX_EVALUATED", 3)
    monkeypatch.setattr(preset_counts, "MAX_COUNTED", 7)
    found = counts(history, "alice")
    assert found["changes"] == MessageCount(3, NOW - timedelta(hours=3), complete=False)
    assert found["news"] == MessageCount(1, NOW - timedelta(hours=7), complete=False)


def test_when_time_is_up_the_newest_count(history: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preset_counts, "SECONDS", -1)
    assert counts(history, "alice")["changes"] == MessageCount(0, NOW - timedelta(hours=1), complete=False)


def test_an_empty_ledger_has_nothing(database: Database) -> None:
    assert {each.messages for each in counts(database, "alice").values()} == {0}


def test_whoever_maintains_a_package_does_so_by_a_group_too() -> None:
    assert [maintains_packages(DIRECTORY, nick) for nick in ("alice", "bob", "mallory")] == [
        True, True, False]
