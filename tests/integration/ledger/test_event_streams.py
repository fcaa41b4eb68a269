"""Streams of events in the ledger, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from fmn.infra.db import Database
from fmn.ledger.event_streams import (
    LedgerStream,
    StreamEntry,
    StreamPosition,
    append,
    events_after,
    events_between,
    last_numbers,
    prune_events,
    start_id,
    stream_position,
)
from fmn.people.models import Preference
from tests.concurrency import at_once, wait_until_waiting
from tests.factories.messages import NOON
from tests.factories.people import Person, make_person

pytestmark = pytest.mark.dialects

LATER = NOON + timedelta(days=1)
#: An id that no preference has.
NOBODY = 77_777


@pytest.fixture
def alice(database: Database) -> Person:
    return make_person(database, "alice", context="sse", addresses=["alice"])


def tell(database: Database, person: Person, *events: str, key: str = "", at: datetime = NOON) -> None:
    """Append events of one delivery; what they say is their id."""
    with database.transaction() as session:
        append(session, person.preference_id, key or events[0], {event: f'"{event}"' for event in events}, at)


def told(database: Database, person: Person, after: int = 0) -> Sequence[str]:
    with database.reading() as session:
        return [entry.event_id for entry in events_after(session, person.preference_id, after, 1000)]


def place(database: Database, person: Person, last_event_id: str | None) -> StreamPosition:
    with database.reading() as session:
        return stream_position(session, person.preference_id, last_event_id)


class TestAppending:
    def test_events_are_there_in_order(self, database: Database, alice: Person) -> None:
        tell(database, alice, "one")
        tell(database, alice, "two/1", "two/2", key="two")
        with database.reading() as session:
            assert events_after(session, alice.preference_id, 0, 10) == [
                StreamEntry(1, "one", '"one"'), StreamEntry(2, "two/1", '"two/1"'),
                StreamEntry(3, "two/2", '"two/2"')]
            assert events_after(session, alice.preference_id, 1, 1) == [StreamEntry(2, "two/1", '"two/1"')]

    def test_a_delivery_is_there_once(self, database: Database, alice: Person) -> None:
        # Given a delivery whose process died before that was on record
        stream = LedgerStream(database)
        stream.append(alice.preference_id, "digest:1:1", {"digest:1:1/1": "{}", "digest:1:1/2": "{}"})
        # When it's tried again, though one thing of it isn't there any more
        stream.append(alice.preference_id, "digest:1:1", {"digest:1:1": "{}"})
        # Then there's nothing new
        assert told(database, alice) == ["digest:1:1/1", "digest:1:1/2"]
        with database.reading() as session:
            assert last_numbers(session, [alice.preference_id]) == {alice.preference_id: 2}

    def test_streams_have_numbers_of_their_own(self, database: Database, alice: Person) -> None:
        bob = make_person(database, "bob", context="sse")
        tell(database, alice, "a")
        tell(database, bob, "b")
        assert (told(database, alice), told(database, bob)) == (["a"], ["b"])
        with database.reading() as session:
            assert last_numbers(session, [alice.preference_id, bob.preference_id, NOBODY]) == {
                alice.preference_id: 1, bob.preference_id: 1}

    def test_of_several_at_once_none_is_lost_or_doubled(self, database: Database, alice: Person) -> None:
        stream = LedgerStream(database)

        def append_some(process: int) -> None:
            for number in range(10):
                # Each is tried by two of them
                key = f"{process // 2}:{number}"
                stream.append(alice.preference_id, key, {key: "{}"})

        at_once(4, append_some)
        with database.reading() as session:
            entries = events_after(session, alice.preference_id, 0, 100)
        assert [entry.number for entry in entries] == list(range(1, 21))
        assert {entry.event_id for entry in entries} == {f"{half}:{n}" for half in (0, 1) for n in range(10)}


class TestTheOrder:
    def test_is_that_of_the_commits(self, postgresql_database: Database) -> None:
        database = postgresql_database
        alice = make_person(database, "alice", context="sse")
        with ThreadPoolExecutor(1) as other:
            with database.transaction() as session:
                # Given one who has appended and not committed yet
                append(session, alice.preference_id, "first", {"first": "{}"}, NOON)
                # When another one appends, then it waits
                waiting = other.submit(tell, database, alice, "second")
                wait_until_waiting(database)
                assert told(database, alice) == []
            waiting.result()
        assert told(database, alice) == ["first", "second"]

    def test_lets_people_change_their_preferences_meanwhile(self, postgresql_database: Database) -> None:
        database = postgresql_database
        alice = make_person(database, "alice", context="sse")
        tell(database, alice, "first")
        with database.transaction() as session:
            append(session, alice.preference_id, "second", {"second": "{}"}, NOON)
            with database.transaction() as hers:
                mine = hers.get_one(Preference, alice.preference_id, with_for_update={"key_share": True})
                mine.version += 1
        assert told(database, alice) == ["first", "second"]


class TestBetween:
    def test_is_what_several_streams_have(self, database: Database, alice: Person) -> None:
        bob = make_person(database, "bob", context="sse")
        for number in range(1, 6):
            tell(database, alice, f"a{number}")
        tell(database, bob, "b1")
        spans = {alice.preference_id: (1, 3), bob.preference_id: (0, 9), NOBODY: (0, 9)}
        with database.reading() as session:
            found: Mapping[int, Sequence[StreamEntry]] = events_between(session, spans)
            assert {key: [each.event_id for each in entries] for key, entries in found.items()} == {
                alice.preference_id: ["a2", "a3"], bob.preference_id: ["b1"]}
            assert events_between(session, {}) == {}

    def test_may_be_asked_for_thousands(self, database: Database, alice: Person) -> None:
        tell(database, alice, "a")
        spans = dict.fromkeys([*range(100_000, 104_000), alice.preference_id], (0, 1))
        with database.reading() as session:
            found = events_between(session, spans)
        assert found.keys() == {alice.preference_id}


class TestThePlace:
    def test_of_somebody_new_is_the_end(self, database: Database, alice: Person) -> None:
        assert place(database, alice, None) == StreamPosition(0)
        tell(database, alice, "one")
        assert place(database, alice, None) == StreamPosition(1)

    def test_of_somebody_who_comes_back_is_where_they_were(self, database: Database, alice: Person) -> None:
        tell(database, alice, "one")
        tell(database, alice, "two")
        assert place(database, alice, "one") == StreamPosition(1)
        assert place(database, alice, start_id(alice.preference_id, 0)) == StreamPosition(0)
        assert place(database, alice, start_id(alice.preference_id, 2)) == StreamPosition(2)

    @pytest.mark.parametrize("made_up", [
        "", "three", "start:{}:9", "start:99999:1", "start:{}:-1", "start:{}:" + "9" * 30, "é", "one\0",
        "start:{}:1\n"])
    def test_that_is_none_is_the_beginning(self, database: Database, alice: Person, made_up: str) -> None:
        tell(database, alice, "one")
        assert place(database, alice, made_up.format(alice.preference_id)) == StreamPosition(0, missed=True)

    def test_in_somebody_else_s_stream_is_none(self, database: Database, alice: Person) -> None:
        bob = make_person(database, "bob", context="sse")
        tell(database, bob, "theirs")
        assert place(database, alice, "theirs") == StreamPosition(0, missed=True)
        assert place(database, alice, start_id(bob.preference_id, 0)) == StreamPosition(0, missed=True)


class TestPruning:
    def test_takes_what_is_old(self, database: Database, alice: Person) -> None:
        tell(database, alice, "old/1", "old/2", key="old")
        tell(database, alice, "new", at=LATER)
        with database.transaction() as session:
            assert prune_events(session, LATER, 1) == 1
        assert told(database, alice) == ["old/2", "new"]
        with database.transaction() as session:
            assert prune_events(session, LATER, 10) == 1
            assert prune_events(session, LATER, 10) == 0
        assert told(database, alice) == ["new"]
        # Whoever was there is told so, and whoever had all that is gone isn't
        assert place(database, alice, "old/2") == StreamPosition(2, missed=True)
        assert place(database, alice, start_id(alice.preference_id, 1)) == StreamPosition(2, missed=True)
        assert place(database, alice, start_id(alice.preference_id, 2)) == StreamPosition(2)

    def test_leaves_the_numbers_going_on(self, database: Database, alice: Person) -> None:
        tell(database, alice, "old")
        with database.transaction() as session:
            prune_events(session, LATER, 10)
        assert place(database, alice, "old") == StreamPosition(1, missed=True)
        tell(database, alice, "new", at=LATER)
        assert told(database, alice, after=1) == ["new"]

    def test_never_takes_one_and_leaves_an_earlier_one(self, database: Database, alice: Person) -> None:
        # Given two hosts of which one has a slow clock
        tell(database, alice, "one", at=LATER)
        tell(database, alice, "two", at=NOON)
        with database.transaction() as session:
            prune_events(session, LATER, 10)
        assert told(database, alice) == ["one", "two"]
