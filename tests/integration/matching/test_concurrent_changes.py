"""A message is matched soon, whatever others do meanwhile: no change of preferences stops matching."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Event, Thread
from uuid import uuid4

import pytest
from sqlalchemy import select

from fmn.catalog import Message, catalog
from fmn.directory import DirectoryPart, DirectoryStore
from fmn.filters.editing import add_filter, set_filter_enabled, set_oneshot
from fmn.filters.expressions import Rule
from fmn.filters.models import Filter
from fmn.filters.rule_types import rule_types
from fmn.filters.spec import FilterSpec
from fmn.infra.cache import MemoryCache
from fmn.infra.db import Database
from fmn.ledger.messages import store
from fmn.ledger.models import Delivery, Notification, StoredMessage
from fmn.matching import batch_matcher, batch_recorder
from fmn.matching.batch_matcher import BatchMatcher
from fmn.matching.rematching import Rematcher
from fmn.people.change_log import record_change_of_all
from fmn.people.models import Preference
from fmn.people.preferences import set_enabled
from fmn.settings import AutocreateSettings
from tests.concurrency import at_once
from tests.factories.matching import Sent, match
from tests.factories.messages import NO_THROTTLING, NOON
from tests.factories.people import Person, make_person
from tests.servers.waiting import wait_until

pytestmark = pytest.mark.dialects

KERNEL = Rule.of("package_filter", {"package": "kernel"})


class NobodyOwnsAnything:
    """A source of a directory in which nothing is."""

    def fetch(self) -> DirectoryPart:
        return DirectoryPart()


def worker(database: Database) -> BatchMatcher:
    directory = DirectoryStore([NobodyOwnsAnything()], MemoryCache())
    return BatchMatcher(database, catalog(), rule_types(), directory, AutocreateSettings(), NO_THROTTLING)


def kernels(database: Database, count: int = 1) -> list[int]:
    """Take in messages that concern whoever hears of the kernel."""
    body = {"agent": "mary", "name": "kernel", "filename": "k.tar.xz", "md5sum": "0"}
    with database.transaction() as session:
        return store(session, [
            Message(str(uuid4()), "org.fedoraproject.prod.git.lookaside.new", NOON, body)
            for _ in range(count)
        ], NOON)


def told(database: Database) -> list[tuple[int, int]]:
    """For each notification the message's id and the preference's."""
    with database.transaction() as session:
        return sorted((row.message_id, row.preference_id) for row in session.execute(
            select(Notification.message_id, Notification.preference_id)))


def unmatched(database: Database) -> Sequence[int]:
    with database.transaction() as session:
        return session.scalars(
            select(StoredMessage.id).where(StoredMessage.matched_at.is_(None)).order_by(StoredMessage.id)).all()


def switch_on(database: Database, person: Person, *, on: bool) -> None:
    with database.transaction() as session:
        set_enabled(session, session.get_one(Preference, person.preference_id), on=on)


@contextmanager
def saving(act: Callable[[int], object]) -> Iterator[None]:
    """Somebody saves something, again and again, while this lasts; it begins when it was saved once."""
    saved, over = Event(), Event()

    def save() -> None:
        number = 0
        while not over.is_set():
            act(number)
            number += 1
            saved.set()

    thread = Thread(target=save)
    thread.start()
    try:
        wait_until(saved.is_set, 30, "nothing was saved")
        yield
    finally:
        over.set()
        thread.join()


@pytest.fixture
def transactions(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """For how many messages each transaction recorded whom they concern, also those that came to nothing."""
    sizes: list[int] = []
    record = batch_recorder.record

    def count(*arguments: object, **named: object) -> object:
        sizes.append(len(arguments[1]))  # type: ignore[arg-type]
        return record(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(batch_matcher, "record", count)
    return sizes


@contextmanager
def when_the_worker_looks(act: Callable[[], object]) -> Iterator[None]:
    """Have something happen after a batch was recorded, before the transaction first looks at changes."""
    look, acts = Rematcher.changed, [act]

    def act_and_look(again: Rematcher) -> frozenset[int]:
        if acts:
            acts.pop()()
        return look(again)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Rematcher, "changed", act_and_look)
        yield


class TestChangesOfPreferences:
    def test_without_end_keep_no_batch_from_being_matched(
        self, postgresql_database: Database, transactions: list[int],
    ) -> None:
        # Given people who hear of the kernel, and Mallory, who switches that on and off all the time
        database = postgresql_database
        people = [make_person(database, f"user{number}") for number in range(20)]
        mallory = make_person(database, "mallory")
        ids = kernels(database, 50)
        # When workers match fifty messages meanwhile
        with saving(lambda number: switch_on(database, mallory, on=bool(number % 2))):
            at_once(2, lambda number: match(worker(database), ids[number::2]))
        # Then everybody else is told of each once, and none of it was thrown away and done again
        assert unmatched(database) == []
        others = {person.preference_id for person in people}
        assert [one for one in told(database) if one[1] in others] == sorted(
            (message_id, preference_id) for message_id in ids for preference_id in others)
        assert sum(transactions) == len(ids)

    def test_of_one_shot_filters_keep_no_batch_from_being_matched(
        self, postgresql_database: Database, transactions: list[int],
    ) -> None:
        # Given Mallory, whose one-shot filter is on again as soon as it fired
        database = postgresql_database
        alice, mallory = make_person(database), make_person(database, "mallory", oneshot=True)
        ids = kernels(database, 50)

        def again(_number: int) -> None:
            with database.transaction() as session:
                set_filter_enabled(session, mallory.filter_ids[0], enabled=True)

        with saving(again):
            at_once(2, lambda number: match(worker(database), ids[number::2]))
        # Then Alice is told of everything, in as many transactions as without her
        assert unmatched(database) == []
        assert [message_id for message_id, owner in told(database) if owner == alice.preference_id] == ids
        assert sum(transactions) == len(ids)

    def test_that_are_saved_while_a_batch_is_recorded_count_for_it(
        self, postgresql_database: Database,
    ) -> None:
        # Given Alice, who hears of the kernel, Bob, who doesn't yet, and a worker that knows that
        database = postgresql_database
        alice, bob = make_person(database), make_person(database, "bob", packages=[])
        ids = kernels(database, 2)

        def change() -> None:
            switch_on(database, alice, on=False)
            with database.transaction() as session:
                add_filter(session, session.get_one(
                    Preference, bob.preference_id), FilterSpec(name="mine too", expression=KERNEL))

        # When they swap while it records
        with when_the_worker_looks(change):
            sent = match(worker(database), ids)
        # Then Bob hears of it, and Alice doesn't
        assert told(database) == [(message_id, bob.preference_id) for message_id in ids]
        with database.transaction() as session:
            assert sent == {"email": session.scalars(select(Delivery.id)).all()}
            assert set(session.scalars(select(Delivery.destination))) == {"bob@example.org"}

    def test_of_a_filter_to_a_one_shot_one_count_for_the_batch(self, postgresql_database: Database) -> None:
        database = postgresql_database
        alice, bob = make_person(database), make_person(database, "bob")
        ids = kernels(database, 3)

        def change() -> None:
            with database.transaction() as session:
                set_oneshot(session, alice.filter_ids[0], oneshot=True)

        with when_the_worker_looks(change):
            match(worker(database), ids)
        assert [message_id for message_id, owner in told(database) if owner == alice.preference_id] == ids[:1]
        assert [message_id for message_id, owner in told(database) if owner == bob.preference_id] == ids

    def test_of_everybody_are_waited_for_by_the_sweep(
        self, postgresql_database: Database, transactions: list[int],
    ) -> None:
        # Given an operator who has every index loaded anew, again and again
        database = postgresql_database
        make_person(database)
        ids = kernels(database)

        def change(_number: int) -> None:
            with database.transaction() as session:
                record_change_of_all(session)

        # When a worker matches, then it gives up soon what it can't record, rather than go on for ever
        with saving(change):
            match(worker(database), ids)
        assert len(transactions) <= batch_matcher.MAX_VOID
        match(worker(database), unmatched(database))
        assert unmatched(database) == []


class TestAMessageToVeryMany:
    @pytest.fixture(autouse=True)
    def few_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(batch_matcher, "AT_ONCE", 3)

    def test_is_recorded_and_sent_in_parts(self, database: Database) -> None:
        # Given ten people whom a message concerns, and one whom another does
        people = [make_person(database, f"user{number}") for number in range(10)]
        ids = kernels(database, 2)
        sent: list[Mapping[str, Sequence[int]]] = []
        # When they're matched, with three in a transaction
        worker(database).match(ids, sent.append)
        # Then what is to be sent is sent after each of them, and all are told once
        assert [len(found["email"]) for found in sent] == [3, 3, 3, 1] * 2
        assert told(database) == sorted(
            (message_id, person.preference_id) for message_id in ids for person in people)
        assert unmatched(database) == []

    def test_is_told_once_though_a_worker_dies_in_between(self, database: Database) -> None:
        people = [make_person(database, f"user{number}") for number in range(10)]
        ids = kernels(database)

        def die_at_the_second(deliveries: Mapping[str, Sequence[int]]) -> None:
            before(deliveries)
            if len(before["email"]) > 3:
                raise KeyboardInterrupt

        # Given a worker that dies after the second part
        before = Sent()
        with pytest.raises(KeyboardInterrupt):
            worker(database).match(ids, die_at_the_second)
        assert unmatched(database) == ids
        # When the sweep has another one match it, then that adds what is missing
        after = match(worker(database), ids)
        assert len(before["email"]) == 6
        assert len(after["email"]) == 4
        assert told(database) == [(ids[0], person.preference_id) for person in people]
        assert unmatched(database) == []

    def test_concerns_people_by_what_they_saved_in_between(self, postgresql_database: Database) -> None:
        # Given ten people, of whom the last switches it off, and one more who comes, after the first part
        database = postgresql_database
        people = [make_person(database, f"user{number}") for number in range(10)]
        newcomer = make_person(database, "newcomer", packages=[])
        ids = kernels(database)
        first: list[int] = []

        def change_after_the_first(_deliveries: object) -> None:
            if not first:
                switch_on(database, people[-1], on=False)
                with database.transaction() as session:
                    add_filter(session, session.get_one(
                        Preference, newcomer.preference_id), FilterSpec(name="too", expression=KERNEL))
            first.append(1)

        worker(database).match(ids, change_after_the_first)
        # Then that counts
        assert told(database) == [(ids[0], person.preference_id) for person in (*people[:-1], newcomer)]
        assert unmatched(database) == []

    def test_fires_everybodys_one_shot_filter_once(self, database: Database) -> None:
        people = [make_person(database, f"user{number}", oneshot=True) for number in range(10)]
        ids = kernels(database, 3)
        match(worker(database), ids)
        assert told(database) == [(ids[0], person.preference_id) for person in people]
        with database.transaction() as session:
            assert set(session.scalars(select(Filter.enabled))) == {False}
