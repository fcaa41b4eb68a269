"""Waking filters that were snoozed, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fmn.filters import snoozes
from fmn.filters.editing import snooze_filter
from fmn.filters.snoozes import end_due_snoozes
from fmn.infra.db import Database
from tests.factories.messages import NOON
from tests.integration.filters.owned_filters import OwnedFilters

pytestmark = pytest.mark.dialects

HOUR = timedelta(hours=1)


def wake(database: Database, hours: int) -> int:
    with database.transaction() as session:
        return end_due_snoozes(session, NOON + hours * HOUR)


def test_filters_wake_when_it_is_time_and_no_earlier(database: Database) -> None:
    # Given filters that sleep for an hour and for two, and one that is off
    alice, bob = OwnedFilters.of(database, "php", "ruby", "kernel"), OwnedFilters.of(
        database, "moss", nick="bob")
    for owned_filters, name, hours in ((alice, "php", 1), (alice, "ruby", 2), (bob, "moss", 1)):
        with database.transaction() as session:
            snooze_filter(session, owned_filters[name], NOON + hours * HOUR, NOON)
    alice.switch("kernel", on=False)

    revision = alice.revision
    assert (wake(database, 0), alice.on, bob.on) == (0, [], [])
    assert alice.revision == revision
    assert (wake(database, 1), alice.on, bob.on) == (2, ["php"], ["moss"])
    assert alice.changed_since(revision) == {alice.person.user_id, bob.person.user_id}
    revision = alice.revision
    assert (wake(database, 3), alice.on) == (1, ["php", "ruby"])
    assert alice.changed_since(revision) == {alice.person.user_id}
    assert wake(database, 3) == 0
    assert alice.one("php").snoozed_until is None


def test_many_wake_in_turns(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snoozes, "BATCH_SIZE", 2)
    shelves = [OwnedFilters.of(database, "php", nick=nick) for nick in ("alice", "bob", "carol")]
    for owned_filters in shelves:
        with database.transaction() as session:
            snooze_filter(session, owned_filters["php"], NOON + HOUR, NOON)
    assert [wake(database, 1) for _ in range(3)] == [2, 1, 0]
    assert [owned_filters.on for owned_filters in shelves] == [["php"]] * 3


def test_nobody_waits_for_somebody_who_is_changing_theirs(postgresql_database: Database) -> None:
    # Given Alice, who is deleting something at the moment
    owned_filters = OwnedFilters.of(postgresql_database, "php", "ruby")
    with postgresql_database.transaction() as session:
        snooze_filter(session, owned_filters["php"], NOON + HOUR, NOON)
    with postgresql_database.transaction() as session:
        snooze_filter(session, owned_filters["ruby"], NOON + 2 * HOUR, NOON)
        # Then her filters wake the next time
        assert wake(postgresql_database, 1) == 0
    assert (wake(postgresql_database, 1), owned_filters.on) == (1, ["php"])
