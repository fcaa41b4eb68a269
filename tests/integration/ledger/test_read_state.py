"""What somebody has read, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from fmn.infra.db import Database
from fmn.ledger.models import Notification
from fmn.ledger.read_state import MAX_COUNTED, mark_all_read, mark_read, unread_count
from tests.factories.inboxes import InboxOwner, SampleMessage, make_inbox_owner
from tests.factories.messages import NOON
from tests.factories.statements import statements_on

pytestmark = pytest.mark.dialects

LATER = NOON + timedelta(hours=1)


def unread(holder: InboxOwner) -> int:
    with holder.database.reading() as session:
        return unread_count(session, holder.user_id, NOON)


def test_counts_what_is_not_read_in_any_channel(database: Database) -> None:
    alice, bob = make_inbox_owner(database), make_inbox_owner(database, "bob", ())
    assert (unread(alice), unread(bob)) == (0, 0)
    alice.receives()
    alice.receives(context="irc")
    alice.receives(read=True)
    assert (unread(alice), unread(bob)) == (2, 0)
    assert type(unread(alice)) is int


def test_counts_no_more_than_anyone_wants_to_know(database: Database) -> None:
    alice = make_inbox_owner(database, contexts=("email",))
    alice.receives_digest([SampleMessage()] * (MAX_COUNTED + 20))
    assert unread(alice) == MAX_COUNTED + 1


def test_marks_one_as_read_once_and_for_its_owner_only(database: Database) -> None:
    alice, mallory = make_inbox_owner(database), make_inbox_owner(database, "mallory")
    one, _another = alice.receives(), alice.receives()
    with database.transaction() as session:
        mark_read(session, mallory.user_id, [one], NOON)
    assert unread(alice) == 2
    for now in (NOON, LATER):
        with database.transaction() as session:
            mark_read(session, alice.user_id, [one], now)
            assert session.scalars(select(Notification.read_at).where(Notification.id == one)).one() == NOON
    assert unread(alice) == 1


def test_marks_many_as_read_in_one_statement(database: Database) -> None:
    alice = make_inbox_owner(database)
    ids = [alice.receives() for _ in range(4)]
    with statements_on(database) as executed, database.transaction() as session:
        mark_read(session, alice.user_id, ids[1:], NOON)
    assert len([each for each in executed if each.startswith("UPDATE")]) == 1
    assert unread(alice) == 1


def test_marks_all_as_read_up_to_what_was_shown(database: Database) -> None:
    # Given what was shown to Alice, and what came after that
    alice, bob = make_inbox_owner(database), make_inbox_owner(database, "bob")
    alice.receives()
    bob.receives()
    shown = alice.receives(context="irc")
    alice.receives()
    # When she says that she has read it all, then that's what she saw, and nobody else's
    with database.transaction() as session:
        assert mark_all_read(session, alice.user_id, shown, NOON) == 2
    assert (unread(alice), unread(bob)) == (1, 1)
