"""Matching batches of the ledger's messages, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import pytest
from dramatiq.middleware import TimeLimitExceeded
from sqlalchemy import delete, select
from structlog.testing import capture_logs

from fmn.catalog import Catalog, Message, catalog
from fmn.directory import DirectoryPart, DirectoryStore
from fmn.filters.default_filters import default_filters
from fmn.filters.editing import add_filter
from fmn.filters.expressions import ME, All, Not, Rule
from fmn.filters.models import Filter
from fmn.filters.rule_types import RuleTypes, rule_types
from fmn.filters.spec import FilterSpec
from fmn.infra.cache import MemoryCache
from fmn.infra.db import Database
from fmn.ledger.messages import store
from fmn.ledger.models import Delivery, Notification, StoredMessage
from fmn.ledger.quarantine import MAX_TRIES, begin_try, requeue
from fmn.matching import batch_matcher
from fmn.matching.batch_matcher import BatchMatcher
from fmn.matching.index.matching_index import Index
from fmn.people.models import DetailValue, Preference, User
from fmn.settings import AutocreateSettings
from tests.concurrency import at_once
from tests.factories.matching import match, match_one_by_one
from tests.factories.messages import NO_THROTTLING, NOON
from tests.factories.people import make_person

pytestmark = pytest.mark.dialects

AUTOCREATE = AutocreateSettings(events=("fas_group_member_sponsor",), contexts=("email", "irc"))


class KernelOwners:
    """A source that knows who owns the kernel, and Sam's address."""

    def fetch(self) -> DirectoryPart:
        return DirectoryPart(
            committers={"rpms": {"kernel": ["alice", "@kernel"]}}, groups={"kernel": ["bob"]},
                    addresses={"sam": "sam@example.org"})


def matcher(
    database: Database, autocreate: AutocreateSettings = AUTOCREATE, types: RuleTypes | None = None,
) -> BatchMatcher:
    directory = DirectoryStore([KernelOwners()], MemoryCache())
    return BatchMatcher(database, catalog(), types or rule_types(), directory, autocreate, NO_THROTTLING)


def taken_in(database: Database, *bodies: tuple[str, Mapping[str, Any]]) -> list[int]:
    """Take in messages, given by the topic from the category on and the body."""
    with database.transaction() as session:
        return store(session, [
            Message(str(uuid4()), f"org.fedoraproject.prod.{title}", NOON, body) for title, body in bodies
        ], NOON)


def concerned(database: Database) -> list[tuple[int, str, str]]:
    """For each notification the message's id, the nick and the filter's name."""
    with database.transaction() as session:
        rows = session.execute(
            select(Notification.message_id, User.nick, Filter.name)
            .join(Filter, Filter.id == Notification.filter_id)
            .join(Preference, Preference.id == Notification.preference_id).join(User))
        return sorted((message_id, nick, name) for message_id, nick, name in rows)


def unmatched(database: Database) -> Sequence[int]:
    with database.transaction() as session:
        return session.scalars(
            select(StoredMessage.id).where(StoredMessage.matched_at.is_(None)).order_by(StoredMessage.id)).all()


def give(database: Database, nick: str, **filters: Rule | All | Not) -> None:
    """Make an account with filters instead of the factory's."""
    make_person(database, nick, packages=())
    with database.transaction() as session:
        preference = session.scalars(select(Preference).join(User).where(User.nick == nick)).one()
        for name, expression in filters.items():
            add_filter(session, preference, FilterSpec(name=name, expression=expression))


KERNEL = ("git.lookaside.new", {"agent": "mary", "name": "kernel", "filename": "k.tar.xz", "md5sum": "0"})
MOSS = ("git.lookaside.new", {"agent": "mary", "name": "moss", "filename": "m.tar.xz", "md5sum": "0"})
SPONSORED = ("fas.group.member.sponsor", {"agent": "mary", "user": "sam", "group": "packager"})
MINE = Rule.of("user_package_filter", {"fasnick": ME})


class TestABatch:
    def test_reaches_whom_it_concerns_once(self, database: Database) -> None:
        # Given owners of the kernel, in person and by a group, and somebody who owns nothing
        for nick in ("alice", "bob", "mallory"):
            give(database, nick, mine=MINE)
        ids = taken_in(database, KERNEL, MOSS)
        # When the batch is matched, and once more
        worker = matcher(database)
        deliveries = match(worker, ids)
        assert match(worker, ids) == {}
        # Then the owners have a notification each, and every message is matched
        assert concerned(database) == [(ids[0], "alice", "mine"), (ids[0], "bob", "mine")]
        with database.transaction() as session:
            assert set(deliveries["email"]) == set(session.scalars(select(Delivery.id)))
        assert len(deliveries["email"]) == 2
        assert unmatched(database) == []

    def test_is_recorded_once_by_many_workers(self, database: Database) -> None:
        for nick in ("alice", "bob"):
            give(database, nick, mine=MINE)
        ids = taken_in(database, *[KERNEL] * 20)
        workers = [matcher(database) for _ in range(4)]

        found = at_once(4, lambda number: match(workers[number], ids))

        assert len(concerned(database)) == 40
        assert sum(len(deliveries.get("email", ())) for deliveries in found) == 40
        assert unmatched(database) == []

    def test_counts_what_was_saved_before_it(self, database: Database) -> None:
        worker = matcher(database)
        match(worker, taken_in(database, MOSS))
        give(database, "alice", mine=MINE)
        (kernel,) = taken_in(database, KERNEL)

        match(worker, [kernel])

        assert concerned(database) == [(kernel, "alice", "mine")]

    def test_fires_a_oneshot_filter_for_its_first_message_only(self, database: Database) -> None:
        make_person(database, "alice", packages=["kernel"], oneshot=True)
        ids = taken_in(database, MOSS, KERNEL, KERNEL)

        match(matcher(database), ids)

        assert concerned(database) == [(ids[1], "alice", "kernel")]
        assert unmatched(database) == []

    def test_one_by_one_is_as_good(self, database: Database) -> None:
        give(database, "alice", mine=MINE)
        ids = taken_in(database, KERNEL, MOSS, KERNEL)
        deliveries = match_one_by_one(matcher(database), ids)
        assert [message_id for message_id, _, _ in concerned(database)] == [ids[0], ids[2]]
        assert len(deliveries["email"]) == 2
        assert unmatched(database) == []

    def test_quarantines_what_processes_die_of(self, database: Database) -> None:
        # Given a message that process after process began to match alone, and then was no more
        give(database, "alice", mine=MINE)
        ids = taken_in(database, KERNEL, MOSS, KERNEL)
        for _ in range(MAX_TRIES):
            with database.transaction() as session:
                assert begin_try(session, ids[1], NOON)
        # When the next ones get it, in whatever batch it is, then they leave it alone and tell of the others
        assert len(match_one_by_one(matcher(database), ids)["email"]) == 2
        assert match(matcher(database), ids) == {}
        assert [message_id for message_id, _, _ in concerned(database)] == [ids[0], ids[2]]
        assert unmatched(database) == [ids[1]]

        # And once the cause is mended, it's tried again
        with database.transaction() as session:
            assert requeue(session) == 1
        match(matcher(database), ids)
        assert unmatched(database) == []

    def test_never_quarantines_what_only_takes_too_long(
        self, database: Database, monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        # Given a message that takes longer than a task may, which isn't an Exception
        give(database, "alice", mine=MINE)
        ids = taken_in(database, KERNEL, MOSS, KERNEL)
        facts = Catalog.facts

        def dawdle(self: Catalog, message: Message, *arguments: Any) -> Any:
            if message.body["name"] == "moss":
                passed[0] += 600
                raise TimeLimitExceeded
            return facts(self, message, *arguments)

        passed, pauses = [0.0], list[int]()
        with monkeypatch.context() as patched:
            patched.setattr(Catalog, "facts", dawdle)
            patched.setattr(batch_matcher, "monotonic_seconds", lambda: passed[0])
            # When it's tried whenever it's due, more often than a process may die
            for _ in range(2 * MAX_TRIES):
                with pytest.raises(TimeLimitExceeded):
                    match_one_by_one(matcher(database), ids)
                # Then those before it are told of each time, nobody tries it again before its pause is over
                assert match_one_by_one(matcher(database), [ids[1]]) == {}
                with database.transaction() as session:
                    message = session.get_one(StoredMessage, ids[1])
                    assert message.enqueued_at is not None
                    pauses.append(round((message.enqueued_at - database.now()).total_seconds() / 60))
                    message.enqueued_at = None  # the pause is over
        # And pauses grow, in minutes, while batches go on without it
        assert pauses == [10, 20, 40, 80, 160, 320]
        assert len(match(matcher(database), ids)["email"]) == 1
        assert unmatched(database) == [ids[1]]
        # And as soon as it can be matched, it is
        match_one_by_one(matcher(database), ids)
        assert unmatched(database) == []

    def test_tries_again_for_ever_what_only_fails(
        self, database: Database, monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        def fail(*_arguments: Any) -> Any:
            raise ArithmeticError

        ids = taken_in(database, KERNEL)
        with monkeypatch.context() as patched:
            patched.setattr(Index, "match", fail)
            for _ in range(2 * MAX_TRIES):
                match_one_by_one(matcher(database), ids)
        assert unmatched(database) == ids
        match(matcher(database), ids)
        assert unmatched(database) == []

    def test_does_not_wait_for_a_message_that_cannot_be_matched(
        self, database: Database, monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        # Given a message over which the index trips
        give(database, "alice", mine=MINE)
        first, second, third = taken_in(database, KERNEL, MOSS, KERNEL)
        usual = Index.match

        def trip(index: Index, facts: Any, *more: Any) -> Any:
            if facts.package_names == {"moss"}:
                raise ArithmeticError
            return usual(index, facts, *more)

        monkeypatch.setattr(Index, "match", trip)
        # When the batch is matched
        with capture_logs() as logs:
            match(matcher(database), [first, second, third])
        # Then the others are, and it's left for later and logged
        assert [message_id for message_id, _, _ in concerned(database)] == [first, third]
        assert unmatched(database) == [second]
        failures = {entry["event"] for entry in logs if entry["log_level"] == "error"}
        assert failures == {"message can't be matched"}
        assert {len(entry["concerned"]) for entry in logs if entry["event"] == "messages matched"} == {2}


class TestANewcomer:
    def test_hears_of_the_very_message_that_made_the_account(self, database: Database) -> None:
        ids = taken_in(database, SPONSORED)

        match(matcher(database), ids)

        assert concerned(database) == [(ids[0], "sam", "Events referring to my username")] * 2
        with database.transaction() as session:
            (sam,) = session.scalars(select(User))
            assert [preference.context for preference in sam.preferences] == ["email", "irc"]
            assert [address.value for address in session.scalars(select(DetailValue))] == ["sam@example.org"]
            assert len(session.scalars(select(Filter)).all()) == 2 * len(default_filters(rule_types()))

    def test_hears_of_nothing_where_filters_are_made_but_not_switched_on(self, database: Database) -> None:
        settings = AUTOCREATE.model_copy(update={"switched_on": False})

        match(matcher(database, settings), taken_in(database, SPONSORED))

        assert concerned(database) == []
        with database.transaction() as session:
            assert [preference.enabled for preference in session.scalars(select(Preference))] == [False] * 2
            assert len(session.scalars(select(Filter)).all()) == 2 * len(default_filters(rule_types()))

    def test_keeps_what_they_set_up_already(self, database: Database) -> None:
        give(database, "sam", mine=MINE)

        match(matcher(database), taken_in(database, SPONSORED))

        assert concerned(database) == []

    def test_is_made_once_by_many_workers(self, database: Database) -> None:
        # Given batches in which the same two become packagers, in different orders
        given = [
            taken_in(database, *((SPONSORED[0], {**SPONSORED[1], "user": nick}) for nick in nicks))
            for nicks in (["sam", "tom"], ["tom", "sam"], ["sam"], ["tom"])
        ]
        workers = [matcher(database) for _ in given]

        at_once(len(given), lambda number: match(workers[number], given[number]))

        with database.transaction() as session:
            assert sorted(session.scalars(select(User.nick))) == ["sam", "tom"]
        assert unmatched(database) == []

    def test_needs_a_name_that_an_account_can_have(self, database: Database) -> None:
        ids = taken_in(database, *(
            ("fas.group.member.sponsor", {**SPONSORED[1], "user": name})
            for name in ("x" * 300, "@packager", "sam, tom")))

        match(matcher(database), ids)

        with database.transaction() as session:
            assert session.scalars(select(User)).all() == []
        assert unmatched(database) == []

    def test_is_nobody_where_accounts_are_not_made(self, database: Database) -> None:
        match(matcher(database, AutocreateSettings()), taken_in(database, SPONSORED))

        with database.transaction() as session:
            assert session.scalars(select(User)).all() == []


def test_whoever_left_while_a_batch_waited_gets_nothing(database: Database) -> None:
    give(database, "alice", mine=MINE)
    ids = taken_in(database, KERNEL)
    worker = matcher(database)
    with database.transaction() as session:
        session.execute(delete(Filter))

    match(worker, ids)

    assert concerned(database) == []
    assert unmatched(database) == []
