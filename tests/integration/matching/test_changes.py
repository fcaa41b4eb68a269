"""The change log of preferences, on SQLite and PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from fmn.infra.db import Database
from fmn.people.change_log import (
    Changes,
    changes_since,
    current_revision,
    delete_old_changes,
    lock_changes,
    record_change,
)
from fmn.people.models import PreferenceChange, PreferenceRevision
from tests.concurrency import at_once, wait_until_waiting

pytestmark = pytest.mark.dialects


def change(database: Database, *user_ids: int) -> int:
    with database.transaction() as session:
        return record_change(session, user_ids)


def since(database: Database, revision: int) -> Changes:
    with database.transaction() as session:
        return changes_since(session, revision)


def trim(database: Database, up_to: int) -> None:
    with database.transaction() as session:
        session.execute(delete(PreferenceChange).where(PreferenceChange.revision <= up_to))


class TestTheLog:
    def test_forgets_what_is_old_and_says_that_it_is_not_complete_then(self, database: Database) -> None:
        # Given a change of before, and one of after a moment
        change(database, 1)
        moment = datetime.now(UTC)
        change(database, 2)

        # When what is older than the moment is forgotten
        with database.transaction() as session:
            delete_old_changes(session, moment, 100)

        # Then whoever knows the first change hears of the second, and whoever knows less loads all anew
        assert since(database, 1) == Changes(2, frozenset({2}), complete=True)
        assert not since(database, 0).complete

    def test_begins_with_nothing(self, database: Database) -> None:
        assert since(database, 0) == Changes(0, frozenset(), complete=True)

    def test_says_who_changed_since(self, database: Database) -> None:
        assert [change(database, 1), change(database, 2, 3), change(database, 1, 1)] == [1, 2, 3]

        assert since(database, 0) == Changes(3, frozenset({1, 2, 3}), complete=True)
        assert since(database, 1) == Changes(3, frozenset({1, 2, 3}), complete=True)
        assert since(database, 2) == Changes(3, frozenset({1}), complete=True)
        assert since(database, 3) == Changes(3, frozenset(), complete=True)

    def test_forgets_a_change_that_is_rolled_back(self, database: Database) -> None:
        change(database, 1)
        with Session(database.engine) as session:
            assert record_change(session, [2]) == 2
            session.rollback()

        assert since(database, 0) == Changes(1, frozenset({1}), complete=True)
        assert change(database, 3) == 2

    @pytest.mark.parametrize(("revision", "complete"), [(0, False), (1, False), (2, True), (3, True)])
    def test_admits_that_it_was_trimmed(self, database: Database, revision: int, complete: bool) -> None:
        for user_id in (1, 2, 3, 4):
            change(database, user_id)
        trim(database, up_to=2)

        found = since(database, revision)

        assert found.complete is complete
        assert found.revision == 4
        assert found.user_ids >= {3, 4} - set(range(revision + 1))

    def test_admits_that_nothing_is_left(self, database: Database) -> None:
        change(database, 1)
        trim(database, up_to=1)

        assert not since(database, 0).complete
        assert since(database, 1).complete

    def test_does_not_know_a_revision_that_never_was(self, database: Database) -> None:
        # As after restoring a database from a backup, while workers go on.
        change(database, 1)

        assert not since(database, 7).complete


class TestAtOnce:
    def test_every_change_has_a_revision_of_its_own(self, database: Database) -> None:
        revisions = at_once(12, lambda number: change(database, number))

        assert sorted(revisions) == list(range(1, 13))
        with database.transaction() as session:
            logged = session.execute(select(PreferenceChange.revision, PreferenceChange.user_id)).all()
            assert {(row.revision, row.user_id) for row in logged} == {
                (revision, number) for number, revision in enumerate(revisions)}
            assert session.scalars(select(PreferenceRevision.id)).all() == [1]

    def test_no_revision_is_seen_before_an_earlier_one(self, postgresql_database: Database) -> None:
        # Given a transaction that has recorded a change and goes on
        database = postgresql_database
        change(database, 1)
        with ThreadPoolExecutor() as pool:
            with database.transaction() as session:
                assert record_change(session, [2]) == 2
                # When another one wants to record one too
                other = pool.submit(change, database, 3)
                wait_until_waiting(database)
                # Then it has to wait, and nobody sees anything of either yet
                assert since(database, 1) == Changes(1, frozenset(), complete=True)
            assert other.result() == 3
        assert since(database, 1) == Changes(3, frozenset({2, 3}), complete=True)

    def test_whoever_locks_first_keeps_the_others_waiting(self, postgresql_database: Database) -> None:
        database = postgresql_database
        with ThreadPoolExecutor() as pool:
            with database.transaction() as session:
                lock_changes(session)
                other = pool.submit(change, database, 3)
                wait_until_waiting(database)
                assert current_revision(session) == 0
                assert record_change(session, [2]) == 1
            assert other.result() == 2
