"""Messages that processes may have died of, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from fmn.infra.db import Database
from fmn.ledger.messages import hint_unmatched, take_unmatched
from fmn.ledger.quarantine import MOST_TRIES, begin_try, end_try, hint_suspects, set_aside, try_again
from tests.factories.messages import NOON, stored

AT_ONCE = timedelta(0)


def begun(database: Database, message_id: int) -> bool:
    with database.transaction() as session:
        return begin_try(session, message_id, NOON)


def hinted(database: Database) -> tuple[Sequence[int], Sequence[int]]:
    """What the sweep sends tasks for: those that go together with others, and those that go alone."""
    with database.transaction() as session:
        return hint_unmatched(session, NOON, AT_ONCE, 100), hint_suspects(session, NOON, AT_ONCE, 100)


def aside(database: Database) -> Sequence[int]:
    with database.transaction() as session:
        return [each.id for each in set_aside(session)]


def test_what_was_begun_and_had_no_end_goes_alone_from_then_on(database: Database) -> None:
    # Given three messages, of which one was begun by a process that isn't any more
    first, second, third = stored(database, 1, 2, 3)
    assert begun(database, second)
    # When the sweep looks, then that one has a task of its own, and no batch takes it along
    assert hinted(database) == ([first, third], [second])
    with database.transaction() as session:
        assert [row.id for row in take_unmatched(session, [first, second, third])] == [first, third]
    # When another process comes to the end of it, then it's like all others
    with database.transaction() as session:
        end_try(session, second)
    assert hinted(database) == ([first, second, third], [])


def test_after_some_tries_it_is_set_aside_until_somebody_says_so(database: Database) -> None:
    first, second = stored(database, 1, 2)
    assert [begun(database, second) for _ in range(MOST_TRIES + 2)] == [*[True] * MOST_TRIES, False, False]
    assert aside(database) == [second]
    assert hinted(database) == ([first], [])

    with database.transaction() as session:
        assert try_again(session) == 1
    assert aside(database) == []
    assert hinted(database) == ([first, second], [])


def test_what_is_matched_or_gone_is_not_begun(database: Database) -> None:
    (message,) = stored(database, 1)
    with database.transaction() as session:
        (row,) = take_unmatched(session, [message])
        row.matched_at = NOON
    assert not begun(database, message)
    assert not begun(database, message + 1)
