"""Presets as they're offered to somebody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fmn.catalog import Message, catalog
from fmn.directory.snapshot import Directory
from fmn.filters.presets import presets
from fmn.filters.rule_types import rule_types
from fmn.infra.db import Database
from fmn.ledger.day_range import DayRange
from fmn.ledger.messages import lock_unmatched, mark_matched, store
from fmn.matching import preset_previews as room
from fmn.matching.match_context import MatchContext
from fmn.matching.preset_previews import PresetPreview, maintains_packages, preview_presets

pytestmark = pytest.mark.dialects

NOW = datetime(2026, 5, 14, 18, tzinfo=UTC)
DIRECTORY = Directory(
    committers={"rpms": {"moss": ("alice",), "fern": ("@ferns",)}}, groups={"ferns": frozenset({"bob"})})


def push(number: int, who: str) -> Message:
    commit: dict[str, Any] = {
        "username": who, "namespace": "rpms", "repo": "moss", "branch": "rawhide",
        "summary": f"Grow {number}"}
    return Message(
        f"2026-{number}", "org.fedoraproject.prod.git.receive", NOW - timedelta(hours=number),
        {"commit": commit})


@pytest.fixture(autouse=True)
def _there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else the machine does meanwhile."""
    monkeypatch.setattr(room, "ALL_PREVIEWS_SECONDS", 600)


@pytest.fixture
def history(database: Database) -> Database:
    """A ledger in which Bob pushed five times to Alice's package, and Alice once."""
    messages = [*(push(number, "bob") for number in range(5, 0, -1)), push(6, "alice")]
    with database.transaction() as session:
        for message in messages:
            (number,) = store(session, [message], message.sent_at)
            (row,) = lock_unmatched(session, [number])
            mark_matched(session, [(row.id, catalog().facts(message))], message.sent_at)
    return database


def offered(database: Database, nick: str) -> dict[str, PresetPreview]:
    match_context = MatchContext(rule_types(), catalog(), DIRECTORY)
    chosen = list(presets(rule_types()))
    with database.reading() as session:
        return {each.preset.key: each for each in preview_presets(
            session, chosen, nick, match_context, DayRange(NOW))}


def test_each_shows_the_newest_of_what_it_would_have_let_through(history: Database) -> None:
    found = offered(history, "alice")

    assert list(found) == [preset.key for preset in presets(rule_types())]
    changes = found["changes"]
    assert changes.preview.total == 5
    assert [example.summary for example in changes.examples] == [
        f'bob pushed to rpms/moss (rawhide): "Grow {number}"' for number in (1, 2, 3)]
    assert found["builds"].examples == []


def test_they_are_somebody_elses_for_somebody_else(history: Database) -> None:
    assert [key for key, each in offered(history, "mallory").items() if each.preview.total] == []


def test_all_together_they_take_no_longer_than_one_waits(
    history: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room, "ALL_PREVIEWS_SECONDS", -1)

    assert not offered(history, "alice")["changes"].preview.complete


def test_whoever_maintains_a_package_does_so_by_a_group_too() -> None:
    assert [maintains_packages(DIRECTORY, nick) for nick in ("alice", "bob", "mallory")] == [
        True, True, False]
