"""Triage of an inbox and undoing it, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import NoResultFound

from fmn.errors import UserError
from fmn.infra.db import Database
from fmn.infra.public_ids import LARGEST_ID
from fmn.ledger import inbox_undo
from fmn.ledger.inbox_filter import IN_INBOX, Criterion, InboxFilter, Place, Subject
from fmn.ledger.inbox_undo import save_change, take_change
from fmn.ledger.models import InboxUndo, Notification
from fmn.ledger.read_state import unread_count
from fmn.ledger.triage import (
    MAX_KEPT,
    Action,
    Triaged,
    TriageRequest,
    TriageState,
    triage,
    triage_all,
    undo_triage,
)
from tests.factories.databases import empty
from tests.factories.inboxes import InboxOwner, SampleMessage, make_inbox_owner
from tests.factories.messages import NOON
from tests.factories.statements import statements_on
from tests.hypothesis_profiles import scaled

pytestmark = pytest.mark.dialects

LATER = NOON + timedelta(hours=3)
FERN = SampleMessage(packages=("rpms/fern",))


def states(database: Database) -> Mapping[int, TriageState]:
    with database.reading() as session:
        rows = session.execute(select(
            Notification.id, Notification.read_at, Notification.done_at, Notification.snoozed_until))
        return {row.id: TriageState(*row[1:]) for row in rows}


def do(holder: InboxOwner, action: Action, *ids: int, now: datetime = NOON) -> Triaged:
    until = LATER if action is Action.SNOOZE else None
    with holder.database.transaction() as session:
        return triage(session, holder.user_id, TriageRequest(action, now, until), ids)


def do_all(
    holder: InboxOwner, action: Action, wanted: InboxFilter = IN_INBOX, newest: int = LARGEST_ID, *,
    now: datetime = NOON, max_searched: int = 1_000,
) -> Triaged:
    until = LATER if action is Action.SNOOZE else None
    with holder.database.transaction() as session:
        return triage_all(
            session, holder.user_id, TriageRequest(action, now, until), wanted, newest,
            max_searched=max_searched)


def undo(holder: InboxOwner, done: Triaged) -> int | None:
    """How many are as before; ``None`` if that was undone already."""
    assert done.undo_id is not None
    with holder.database.transaction() as session:
        change = take_change(session, holder.user_id, done.undo_id)
        return None if change is None else undo_triage(session, holder.user_id, change)


def unread(holder: InboxOwner, now: datetime = NOON) -> int:
    with holder.database.reading() as session:
        return unread_count(session, holder.user_id, now)


@pytest.mark.parametrize(("action", "state", "left", "left_later"), [
    (Action.READ, TriageState(read_at=NOON), 0, 0),
    (Action.DONE, TriageState(read_at=NOON, done_at=NOON), 0, 0),
    (Action.SNOOZE, TriageState(snoozed_until=LATER), 0, 1),
])
def test_what_is_handled_is_not_unread_and_comes_back(
    database: Database, action: Action, state: TriageState, left: int, left_later: int,
) -> None:
    alice = make_inbox_owner(database)
    one = alice.receives()
    done = do(alice, action, one)
    assert (done.changed, states(database)[one]) == (1, state)
    assert (unread(alice), unread(alice, LATER)) == (left, left_later)
    # Doing it again changes nothing, so there's nothing to undo
    assert do(alice, action, one, now=NOON + timedelta(minutes=1)) == Triaged(0)
    # and undoing it brings it back, once
    assert undo(alice, done) == 1
    assert states(database)[one] == TriageState()
    assert undo(alice, done) is None
    assert unread(alice) == 1


def test_what_is_snoozed_is_not_read_by_looking_at_it(database: Database) -> None:
    alice = make_inbox_owner(database)
    one = alice.receives()
    do(alice, Action.SNOOZE, one)
    assert do(alice, Action.READ, one) == do_all(
        alice, Action.READ, InboxFilter(places=frozenset({Place.SNOOZED}))) == Triaged(0)
    assert do(alice, Action.READ, one, now=LATER).changed == 1


def test_what_was_done_is_in_the_inbox_when_it_is_marked_as_unread(database: Database) -> None:
    alice = make_inbox_owner(database)
    one = alice.receives()
    do(alice, Action.SNOOZE, one)
    do(alice, Action.UNREAD, one)
    assert states(database)[one] == TriageState(snoozed_until=LATER)
    # Given that it was put away before its snooze is over
    do(alice, Action.DONE, one)
    do(alice, Action.UNREAD, one)
    assert states(database)[one] == TriageState()


def test_snoozes_until_a_time_to_come_only() -> None:
    for until in (None, NOON):
        with pytest.raises(UserError, match="That time has passed"):
            TriageRequest(Action.SNOOZE, NOON, until)


def test_changes_nothing_of_somebody_else(database: Database) -> None:
    alice, mallory = make_inbox_owner(database), make_inbox_owner(database, "mallory")
    one = alice.receives()
    before = states(database)
    for action in Action:
        assert do(mallory, action, one) == do_all(mallory, action) == Triaged(0)
    assert states(database) == before
    done = do(alice, Action.DONE, one)
    with pytest.raises(NoResultFound):
        undo(mallory, done)
    assert states(database)[one].done_at == NOON


def test_undoing_leaves_alone_what_happened_since(database: Database) -> None:
    alice = make_inbox_owner(database)
    one, other = alice.receives(), alice.receives()
    done = do(alice, Action.SNOOZE, one, other)
    do(alice, Action.DONE, one)
    assert undo(alice, done) == 1
    assert states(database) == {
        one: TriageState(read_at=NOON, done_at=NOON, snoozed_until=LATER), other: TriageState()}


def test_undoing_that_all_are_read_leaves_alone_what_is_done_since(database: Database) -> None:
    # Given two that were marked as read, one of which was done then
    alice = make_inbox_owner(database)
    one, other = alice.receives(), alice.receives()
    read = do_all(alice, Action.READ)
    do(alice, Action.DONE, one, now=LATER)
    # When the first is undone, maybe in another window, then what is done isn't unread
    assert undo(alice, read) == 1
    assert states(database) == {one: TriageState(NOON, LATER), other: TriageState()}
    assert unread(alice, LATER) == 1


def test_all_is_what_was_shown_of_what_is_looked_for(database: Database) -> None:
    # Given something of each kind, and what came after the page was shown
    alice, bob = make_inbox_owner(database), make_inbox_owner(database, "bob")
    read, moss, fern = alice.receives(read=True), alice.receives(), alice.receives(FERN, context="irc")
    bob.receives()
    later = alice.receives()
    before = states(database)
    now = NOON + timedelta(seconds=1)

    # When all that's about ferns is done, and then all
    about_fern = InboxFilter(criteria=(Criterion(Subject.PACKAGE, ("fern",)),))
    first = do_all(alice, Action.DONE, about_fern, fern)
    assert (first.changed, first.more) == (1, False)
    second = do_all(alice, Action.DONE, IN_INBOX, fern, now=now)
    assert second.changed == 2
    after = states(database)
    assert after[fern] == TriageState(NOON, NOON)
    assert after[moss] == TriageState(now, now)
    assert after[read] == TriageState(NOON, now)
    assert after[later] == TriageState()
    assert (unread(alice), unread(bob)) == (1, 1)

    # Then either is undone, and nothing else
    assert undo(alice, first) == 1
    assert states(database) == {**after, fern: TriageState()}
    assert undo(alice, second) == 2
    assert states(database) == before


def test_says_that_there_may_be_more(database: Database) -> None:
    alice = make_inbox_owner(database)
    for _ in range(4):
        alice.receives(FERN)
    about_fern = InboxFilter(criteria=(Criterion(Subject.PACKAGE, ("fern",)),))
    assert [do_all(alice, Action.DONE, about_fern, max_searched=3).more for _ in range(2)] == [True, False]
    assert unread(alice) == 0


def test_keeps_how_no_more_than_so_many_were(database: Database) -> None:
    alice = make_inbox_owner(database, contexts=("email",))
    alice.receives_digest([SampleMessage()] * (MAX_KEPT + 1))
    first = do_all(alice, Action.SNOOZE)
    assert (first.changed, first.more) == (MAX_KEPT, True)
    second = do_all(alice, Action.SNOOZE)
    assert (second.changed, second.more) == (1, False)
    with statements_on(database) as executed:
        assert undo(alice, first) == MAX_KEPT
    assert len(executed) < 10


def test_keeps_a_few_undos_of_each_user(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bob = make_inbox_owner(database), make_inbox_owner(database, "bob")

    def kept() -> int:
        with database.reading() as session:
            return session.scalar(select(func.count()).select_from(InboxUndo)) or 0

    def save(holder: InboxOwner, size: int) -> None:
        with database.transaction() as session:
            save_change(session, holder.user_id, {"kind": "x" * size}, NOON)

    save(bob, 1)
    monkeypatch.setattr(inbox_undo, "MAX_UNDOS", 3)
    for _ in range(5):
        save(alice, 1)
    assert kept() == 1 + 3
    monkeypatch.setattr(inbox_undo, "MAX_UNDO_CHARACTERS", 100)
    save(alice, 1_000)
    assert kept() == 1 + 1


@given(data=st.data())
@settings(
    max_examples=scaled(25),
    suppress_health_check=[
        HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.differing_executors])
def test_undoing_everything_backwards_leads_to_the_beginning(database: Database, data: st.DataObject) -> None:
    empty(database)
    alice = make_inbox_owner(database)
    ids = [alice.receives(read=read) for read in data.draw(st.lists(st.booleans(), min_size=1, max_size=4))]
    history = [states(database)]
    undos = []
    for number in range(data.draw(st.integers(1, 5))):
        now = NOON + timedelta(minutes=1 + number)
        action = data.draw(st.sampled_from(Action))
        if data.draw(st.booleans()):
            places = data.draw(st.sets(st.sampled_from(Place), min_size=1))
            done = do_all(alice, action, InboxFilter(places=frozenset(places)), now=now)
        else:
            done = do(alice, action, *data.draw(st.sets(st.sampled_from(ids))), now=now)
        found = states(database)
        # What is done is read, and what is snoozed isn't
        for state in found.values():
            assert state.done_at is None or state.read_at is not None
            assert not state.is_snoozed(now) or state.read_at is None
        if done.undo_id is not None:
            history.append(found)
            undos.append(done)
        assert (found != history[-1 if done.undo_id is None else -2]) is (done.undo_id is not None)
    for done in reversed(undos):
        history.pop()
        assert undo(alice, done) == done.changed
        assert states(database) == history[-1]
