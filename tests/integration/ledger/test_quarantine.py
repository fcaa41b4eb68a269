"""Messages that processes may have died of, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from fmn.infra.db import Database
from fmn.ledger.messages import enqueue_unmatched, lock_unmatched, mark_matched
from fmn.ledger.quarantine import MAX_TRIES, begin_try, end_try, enqueue_isolated, quarantined, requeue
from tests.factories.messages import NOON, make_facts, stored

pytestmark = pytest.mark.dialects

AT_ONCE = timedelta(0)


def begun(database: Database, message_id: int) -> bool:
    with database.transaction() as session:
        return begin_try(session, message_id, NOON)


def enqueued(database: Database) -> tuple[Sequence[int], Sequence[int]]:
    """What the sweep sends tasks for: those that go together with others, and those that go alone."""
    with database.transaction() as session:
        return enqueue_unmatched(session, NOON, AT_ONCE, 100), enqueue_isolated(session, NOON, AT_ONCE, 100)


def quarantined_ids(database: Database) -> Sequence[int]:
    with database.transaction() as session:
        return [each.id for each in quarantined(session)]


def test_what_was_begun_and_had_no_end_goes_alone_from_then_on(database: Database) -> None:
    # Given three messages, of which one was begun by a process that isn't any more
    first, second, third = stored(database, 1, 2, 3)
    assert begun(database, second)
    # When the sweep looks, then that one has a task of its own, and no batch takes it along
    assert enqueued(database) == ([first, third], [second])
    with database.transaction() as session:
        assert [row.id for row in lock_unmatched(session, [first, second, third])] == [first, third]
    # When another process comes to the end of it, then it's like all others
    with database.transaction() as session:
        end_try(session, second)
    assert enqueued(database) == ([first, second, third], [])


def test_after_some_tries_it_is_quarantined_until_it_is_requeued(database: Database) -> None:
    first, second = stored(database, 1, 2)
    assert [begun(database, second) for _ in range(MAX_TRIES + 2)] == [*[True] * MAX_TRIES, False, False]
    assert quarantined_ids(database) == [second]
    assert enqueued(database) == ([first], [])

    with database.transaction() as session:
        assert requeue(session) == 1
    assert quarantined_ids(database) == []
    assert enqueued(database) == ([first, second], [])


def test_what_is_matched_or_gone_is_not_begun(database: Database) -> None:
    (message,) = stored(database, 1)
    with database.transaction() as session:
        (row,) = lock_unmatched(session, [message])
        mark_matched(session, [(row.id, make_facts(row.message))], NOON)
    assert not begun(database, message)
    assert not begun(database, message + 1)
