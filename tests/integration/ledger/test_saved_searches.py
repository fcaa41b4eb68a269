"""Saved searches, on SQLite and PostgreSQL."""

from __future__ import annotations

from contextlib import suppress

import pytest

from fmn.errors import UserError
from fmn.infra.db import Database
from fmn.ledger import saved_searches as saved
from fmn.ledger.inbox_undo import take_change
from fmn.ledger.saved_searches import (
    MAX_QUERY_LENGTH,
    MAX_SAVED,
    delete_search,
    save_search,
    saved_searches,
    undo_deletion,
)
from tests.concurrency import at_once
from tests.factories.inboxes import InboxOwner, make_inbox_owner
from tests.factories.messages import NOON

pytestmark = pytest.mark.dialects


def save(holder: InboxOwner, name: str, query: str = "moss") -> int:
    with holder.database.transaction() as session:
        return save_search(session, holder.user_id, name, query, NOON).id


def names(holder: InboxOwner) -> list[str]:
    with holder.database.reading() as session:
        return [each.name for each in saved_searches(session, holder.user_id)]


def undo(holder: InboxOwner, undo_id: int) -> None:
    with holder.database.transaction() as session:
        change = take_change(session, holder.user_id, undo_id)
        assert change is not None
        undo_deletion(session, holder.user_id, change, NOON)


def test_a_name_has_one_search(database: Database) -> None:
    alice, bob = make_inbox_owner(database), make_inbox_owner(database, "bob")
    first = save(alice, " Mosses\n")
    assert save(alice, "Mosses", "package:moss") == first
    save(bob, "Mosses")
    with database.reading() as session:
        (found,) = saved_searches(session, alice.user_id)
        assert (found.name, found.query) == ("Mosses", "package:moss")
    with pytest.raises(UserError, match="at most 400 characters"):
        save(alice, "long", "x" * (MAX_QUERY_LENGTH + 1))


def test_a_deleted_one_comes_back_if_there_is_room(database: Database) -> None:
    alice, mallory = make_inbox_owner(database), make_inbox_owner(database, "mallory")
    search_id = save(alice, "Mosses")
    with database.transaction() as session:
        assert delete_search(session, mallory.user_id, search_id, NOON) is None
        deleted = delete_search(session, alice.user_id, search_id, NOON)
        assert deleted is not None
    assert names(alice) == []
    for number in range(MAX_SAVED):
        save(alice, f"number {number}")
    with pytest.raises(UserError, match="30 saved searches"):
        undo(alice, deleted[1])
    with database.transaction() as session:
        assert delete_search(session, alice.user_id, search_id + 1, NOON)
    undo(alice, deleted[1])
    assert "Mosses" in names(alice)


def test_a_deleted_one_leaves_a_newer_one_with_its_name_alone(database: Database) -> None:
    alice = make_inbox_owner(database)
    search_id = save(alice, "Mosses")
    with database.transaction() as session:
        deleted = delete_search(session, alice.user_id, search_id, NOON)
        assert deleted is not None
    # Given another search that got the name meanwhile
    save(alice, "Mosses", "package:moss")
    # When the deletion is undone, then both are there
    undo(alice, deleted[1])
    with database.reading() as session:
        assert {each.name: each.query for each in saved_searches(session, alice.user_id)} == {
            "Mosses": "package:moss", "Mosses (2)": "moss"}


def test_nobody_saves_more_in_many_windows_at_once(
    postgresql_database: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(saved, "MAX_SAVED", 2)
    alice = make_inbox_owner(postgresql_database)

    def save_one(number: int) -> bool:
        with suppress(UserError):
            save(alice, f"number {number}")
            return True
        return False

    assert sum(at_once(8, save_one)) == 2
    assert len(names(alice)) == 2
