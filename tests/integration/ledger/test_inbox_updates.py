"""Looking at an inbox while something arrives in it, on SQLite and PostgreSQL."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fmn.infra.db import Database
from fmn.ledger.inbox import inbox
from fmn.ledger.inbox_filter import IN_INBOX, Criterion, InboxFilter, Subject
from fmn.ledger.inbox_updates import AT_ONCE, COMMITTED_AFTER, InboxCursor, current_cursor, new_entries
from fmn.ledger.models import DeliveryState
from tests.factories.clocks import Clock
from tests.factories.databases import empty
from tests.factories.inboxes import InboxOwner, SampleMessage, make_inbox_owner
from tests.hypothesis_profiles import scaled

pytestmark = pytest.mark.dialects


class Reader:
    """Somebody who looks at an inbox, and remembers what they saw as browsers do: as text."""

    def __init__(self, holder: InboxOwner, clock: Clock, wanted: InboxFilter = IN_INBOX) -> None:
        self.holder, self.clock, self.wanted = holder, clock, wanted
        with holder.database.reading() as session:
            self.memory = str(current_cursor(session, holder.user_id, clock()))
            self.seen = [entry.id for entry in inbox(session, holder.user_id, clock(), wanted).entries][::-1]

    def looks(self) -> list[int]:
        with self.holder.database.reading() as session:
            found, seen = new_entries(
                session, self.holder.user_id, self.wanted, InboxCursor.of(self.memory), self.clock())
        self.memory = str(seen)
        self.seen += [entry.id for entry in found]
        return [entry.id for entry in found]


def test_everyone_sees_all_that_arrives_in_its_order(database: Database) -> None:
    # Given two readers of one inbox, and one who looks at another's
    alice, clock = make_inbox_owner(database), Clock()
    before = alice.receives()
    one, another = Reader(alice, clock), Reader(alice, clock)
    mallory = Reader(make_inbox_owner(database, "mallory"), clock)
    assert one.looks() == []

    # When something arrives, then both see it once, in its order
    new = [alice.receives(), alice.receives(
        context="irc"), *alice.receives_digest([SampleMessage()], state=None)]
    assert one.looks() == another.looks() == new
    assert one.looks() == another.looks() == mallory.looks() == []
    clock.turn(days=1)
    assert one.looks() == []
    assert one.seen == [before, *new]


def test_somebody_without_any_channel_sees_nothing(database: Database) -> None:
    reader = Reader(make_inbox_owner(database, contexts=()), Clock())
    assert reader.looks() == []


def test_who_looks_for_something_sees_only_that(database: Database) -> None:
    alice, clock = make_inbox_owner(database), Clock()
    irc, failed, moss = (
        Reader(alice, clock, wanted)
        for wanted in (
            InboxFilter(contexts=frozenset({"irc"})),
            InboxFilter(criteria=(Criterion(Subject.STATE, (DeliveryState.FAILED,)),)),
            InboxFilter(criteria=(Criterion(Subject.TEXT, ("moss",)),))))
    nothing = Reader(alice, clock, InboxFilter(contexts=frozenset({"pigeon"})))
    talk = alice.receives(SampleMessage(packages=()), context="irc")
    mail = alice.receives(state=DeliveryState.FAILED)
    assert (irc.looks(), failed.looks(), moss.looks(), nothing.looks()) == ([talk], [mail], [mail], [])
    assert (irc.looks(), failed.looks(), moss.looks(), nothing.looks()) == ([], [], [], [])


def test_what_is_recorded_late_is_seen_too(postgresql_database: Database) -> None:
    # Given a reader, and a worker that is still recording
    alice, clock = make_inbox_owner(postgresql_database), Clock()
    reader = Reader(alice, clock)
    with postgresql_database.transaction() as slow:
        late = alice.receives_in(slow)
        # When another one is quicker with what came later
        quick = alice.receives()
        assert late < quick
        assert reader.looks() == [quick]

    # Then the reader sees both
    assert reader.looks() == [late]
    assert reader.looks() == []


def test_goes_on_where_it_stopped_when_a_lot_arrives(database: Database) -> None:
    alice, clock = make_inbox_owner(database), Clock()
    reader = Reader(alice, clock)
    new = alice.receives_digest([SampleMessage()] * (2 * AT_ONCE + 10))
    assert reader.looks() == new[:AT_ONCE]
    clock.turn(minutes=2)
    for _ in range(4):
        reader.looks()
    assert reader.seen == new


@given(data=st.data())
@settings(
    max_examples=scaled(25),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_readers_see_each_once_whenever_they_come_and_look(database: Database, data: st.DataObject) -> None:
    empty(database)
    alice, clock = make_inbox_owner(database), Clock()
    readers: list[Reader] = []
    all_ids: list[int] = []
    for step in data.draw(st.lists(st.sampled_from(["arrives", "comes", "looks", "later"]), max_size=12)):
        if step == "arrives":
            all_ids += alice.receives_digest(
                [SampleMessage()] * data.draw(st.integers(1, 3)),
                context=data.draw(st.sampled_from(["email", "irc"])), at=clock())
        elif step == "comes":
            readers.append(Reader(alice, clock))
        elif step == "looks" and readers:
            data.draw(st.sampled_from(readers)).looks()
        else:
            clock.turn(seconds=data.draw(st.integers(1, 100)))
    for reader in readers:
        reader.looks()
        assert reader.seen == all_ids


class TestMemory:
    @given(st.integers(0, 10**17), st.frozensets(st.integers(1, 10**17), max_size=AT_ONCE))
    def test_is_the_same_as_text(self, until: int, distances: frozenset[int]) -> None:
        seen = InboxCursor(until, frozenset(until + each for each in distances))
        assert InboxCursor.of(str(seen)) == seen

    @pytest.mark.parametrize("text", [
        "", "x", "1.", ".1", "-1", "1..2", "\u0661", "1" * 19, "1" + ".2" * 101, "1\n"])
    def test_is_not_made_of_anything_else(self, text: str) -> None:
        with pytest.raises(ValueError, match="up to where"):
            InboxCursor.of(text)

    def test_forgets_what_is_settled(self, database: Database) -> None:
        alice, clock = make_inbox_owner(database), Clock()
        reader = Reader(alice, clock)
        new = alice.receives()
        reader.looks()
        assert InboxCursor.of(reader.memory).beyond == {new}
        clock.turn(seconds=COMMITTED_AFTER.total_seconds())
        reader.looks()
        assert reader.memory == str(new)
