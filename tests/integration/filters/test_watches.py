"""Watching a subject, and taking that back, on SQLite and PostgreSQL."""

from __future__ import annotations

import pytest

from fmn.errors import ConflictError, UserError
from fmn.filters import locking
from fmn.filters.editing import add_filter, edit_filter
from fmn.filters.expressions import Rule
from fmn.filters.models import Filter
from fmn.filters.spec import FilterSpec
from fmn.filters.undo import UndoResult, undo
from fmn.filters.watch_subjects import Subject, SubjectKind, WatchLevel, subject
from fmn.filters.watches import (
    Watch,
    WatchChange,
    find_watch,
    unwatch,
    watch,
    watched_subjects,
    watches_of,
)
from fmn.infra.db import Database
from tests.concurrency import at_once
from tests.factories.statements import statements_on
from tests.integration.filters.owned_filters import OwnedFilters

MOSS = subject(SubjectKind.PACKAGE, "rpms/moss")
ALICE = subject(SubjectKind.PERSON, "alice")


@pytest.fixture
def alice(database: Database) -> OwnedFilters:
    """Alice's filters: php."""
    return OwnedFilters.of(database, "php")


def watches(
    alice: OwnedFilters, it: Subject = MOSS, level: WatchLevel = WatchLevel.EVERYTHING,
) -> WatchChange:
    with alice.database.transaction() as session:
        return watch(session, alice.preference(session), it, level)


def unwatches(alice: OwnedFilters, it: Subject = MOSS) -> WatchChange | None:
    with alice.database.transaction() as session:
        return unwatch(session, alice.preference(session), it)


def watched(alice: OwnedFilters, it: Subject = MOSS) -> list[Watch]:
    with alice.database.reading() as session:
        return list(watches_of(session, alice.person.user_id, "alice", it))


def take_back(alice: OwnedFilters, undo_id: int | None) -> UndoResult:
    assert undo_id is not None
    with alice.database.transaction() as session:
        return undo(session, alice.person.user_id, undo_id)


@pytest.mark.dialects
def test_watching_adds_a_filter_that_is_found_by_what_it_asks(alice: OwnedFilters) -> None:
    revision = alice.revision
    change = watches(alice)

    assert alice.names == ["php", "Watch rpms/moss"]
    assert watched(alice) == [
        Watch(alice["Watch rpms/moss"], "Watch rpms/moss", "email", WatchLevel.EVERYTHING, on=True)]
    assert alice.changed_since(revision) == {alice.person.user_id}
    # And it's still the watch under another name
    alice.rename("Watch rpms/moss", "Moss!")
    assert [each.name for each in watched(alice)] == ["Moss!"]
    # though it isn't taken back any more after that
    assert take_back(alice, change.undo_id) == UndoResult("email", [])


def test_watching_again_changes_nothing(alice: OwnedFilters) -> None:
    watches(alice)
    version = alice.version
    assert watches(alice) == WatchChange("Watch rpms/moss", None)
    assert (alice.names, alice.version) == (["php", "Watch rpms/moss"], version)


def test_watching_can_be_taken_back_once(alice: OwnedFilters) -> None:
    change = watches(alice)
    assert take_back(alice, change.undo_id) == UndoResult("email", [], ("Watch rpms/moss",))
    assert (alice.names, watched(alice)) == (["php"], [])
    assert take_back(alice, change.undo_id) == UndoResult("email", [])


@pytest.mark.dialects
def test_another_level_changes_the_filter_and_that_can_be_taken_back(alice: OwnedFilters) -> None:
    watches(alice)
    there = alice["Watch rpms/moss"]
    change = watches(alice, level=WatchLevel.FAILURES)
    # Links in mails that stop it keep working
    assert [(each.filter_id, each.level) for each in watched(alice)] == [(there, WatchLevel.FAILURES)]

    assert take_back(alice, change.undo_id) == UndoResult("email", ["Watch rpms/moss"])
    assert [(each.filter_id, each.level) for each in watched(alice)] == [(there, WatchLevel.EVERYTHING)]


def test_what_was_edited_since_is_not_taken_back(alice: OwnedFilters) -> None:
    watches(alice)
    change = watches(alice, level=WatchLevel.FAILURES)
    with alice.database.transaction() as session:
        edit_filter(session, alice["Watch rpms/moss"], lambda spec: spec.replaced(owner_note="Mine"))
    assert take_back(alice, change.undo_id).names == []
    assert [each.level for each in watched(alice)] == [WatchLevel.FAILURES]


def test_one_that_is_off_is_switched_on(alice: OwnedFilters) -> None:
    watches(alice)
    alice.switch("Watch rpms/moss", on=False)
    assert [each.on for each in watched(alice)] == [False]
    change = watches(alice)
    assert [each.on for each in watched(alice)] == [True]
    take_back(alice, change.undo_id)
    assert [each.on for each in watched(alice)] == [False]


def test_not_watching_deletes_it_and_that_can_be_taken_back(alice: OwnedFilters) -> None:
    watches(alice, level=WatchLevel.RELEASES)
    gone = unwatches(alice)
    assert (alice.names, unwatches(alice)) == (["php"], None)
    assert gone is not None
    take_back(alice, gone.undo_id)
    assert [each.level for each in watched(alice)] == [WatchLevel.RELEASES]


def test_people_can_watch_themselves(alice: OwnedFilters) -> None:
    watches(alice, ALICE)
    with alice.database.reading() as session:
        stored = session.get_one(Filter, alice["Watch alice"]).stored
        assert stored.expression == Rule.of("user_filter", {"fasnick": "@me"})
    assert [each.level for each in watched(alice, ALICE)] == [WatchLevel.EVERYTHING]


def test_a_filter_that_one_has_written_oneself_is_a_watch_too(alice: OwnedFilters) -> None:
    it = subject(SubjectKind.PACKAGE, "php")
    assert watches(alice, it) == WatchChange("php", None)


def test_all_that_one_watches_is_listed_once(alice: OwnedFilters) -> None:
    for it, level in ((MOSS, WatchLevel.RELEASES), (ALICE, WatchLevel.ACTIONS)):
        watches(alice, it, level)
    with alice.database.transaction() as session:
        add_filter(session, alice.preference(session), MOSS.spec(WatchLevel.EVERYTHING))
        add_filter(session, alice.preference(session), FilterSpec(name="Tags", expression=Rule("koji_tag")))
    with alice.database.reading() as session:
        preference = alice.preference(session)
        found = watched_subjects(session, preference)
        assert [(each.subject.written, each.level) for each in found] == [
            ("package:php", WatchLevel.EVERYTHING), ("rpms/moss", WatchLevel.RELEASES),
            ("person:alice", WatchLevel.ACTIONS)]
        assert [find_watch(session, preference, each.subject) for each in found] == list(found)
        assert find_watch(session, preference, subject(SubjectKind.GROUP, "infra")) is None


def test_who_saw_another_version_changes_nothing(alice: OwnedFilters) -> None:
    def edit(seen: int) -> WatchChange:
        with alice.database.transaction() as session:
            return watch(session, alice.preference(session), MOSS, WatchLevel.FAILURES, seen)

    with pytest.raises(ConflictError):
        edit(0)
    watches(alice)
    with pytest.raises(ConflictError):
        edit(1)
    edit(0)
    with pytest.raises(ConflictError):
        edit(0)
    edit(1)
    assert [each.level for each in watched(alice)] == [WatchLevel.FAILURES]


def test_others_watch_for_themselves(alice: OwnedFilters) -> None:
    watches(alice)
    mallory = OwnedFilters.of(alice.database, nick="mallory")
    with alice.database.reading() as session:
        assert list(watches_of(session, mallory.person.user_id, "mallory", MOSS)) == []


def test_there_has_to_be_room_and_such_a_level(alice: OwnedFilters, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="Choose one of the levels"):
        watches(alice, level=WatchLevel.MEMBERS)
    monkeypatch.setattr(locking, "MAX_FILTERS", 1)
    with pytest.raises(UserError, match="There can be 1 filters at most"):
        watches(alice)
    assert alice.names == ["php"]


def test_pressing_it_in_many_windows_watches_once(postgresql_database: Database) -> None:
    alice = OwnedFilters.of(postgresql_database)
    changes = at_once(4, lambda _number: watches(alice))
    assert alice.names == ["Watch rpms/moss"]
    assert sum(each.undo_id is not None for each in changes) == 1


@pytest.mark.dialects
def test_what_one_watches_takes_one_statement(alice: OwnedFilters) -> None:
    watches(alice)
    with alice.database.transaction() as session, statements_on(alice.database) as statements:
        assert watches_of(session, alice.person.user_id, "alice", MOSS)
    assert sum(each.startswith("SELECT") for each in statements) == 1
