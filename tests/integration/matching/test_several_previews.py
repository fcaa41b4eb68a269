"""Previews of several filters on one page."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fmn.catalog import catalog
from fmn.directory.snapshot import Directory
from fmn.filters.expressions import Rule
from fmn.filters.rule_types import rule_types
from fmn.infra.db import Database
from fmn.ledger.day_range import DayRange
from fmn.ledger.messages import lock_unmatched, mark_matched, store
from fmn.matching import several_previews
from fmn.matching.match_context import MatchContext
from fmn.matching.several_previews import preview_each
from tests.integration.matching.test_preset_counts import push

NOW = datetime(2026, 5, 14, 18, tzinfo=UTC)
ASKED = (Rule("git_receive"), Rule("there_is_no_such_rule"), Rule.of("actor", {"fasnick": "zoe"}))


@pytest.fixture
def history(database: Database) -> Database:
    """A ledger in which Bob pushed once."""
    message = push(1, "bob")
    with database.transaction() as session:
        ids = store(session, [message], message.sent_at)
        (row,) = lock_unmatched(session, ids)
        mark_matched(session, [(row.id, catalog().facts(message))], message.sent_at)
    return database


def previews(database: Database) -> list[tuple[int, bool]]:
    context = MatchContext(rule_types(), catalog(), Directory())
    with database.reading() as session:
        return [
            (each.total, each.complete)
            for each in preview_each(session, ASKED, "bob", context, DayRange(NOW))]


def test_each_is_previewed_and_what_cannot_be_evaluated_matches_nothing(
    history: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(several_previews, "ALL_PREVIEWS_SECONDS", 600)
    assert previews(history) == [(1, True), (0, True), (0, True)]


def test_all_together_they_take_no_longer_than_one_waits(
    history: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(several_previews, "ALL_PREVIEWS_SECONDS", -1)
    assert previews(history)[0] == (0, False)
