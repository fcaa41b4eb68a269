"""Taking back what was done to filters, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import NoResultFound

from fmn.errors import UserError
from fmn.filters import locking
from fmn.filters import undo as undos
from fmn.filters.bulk import remove_all_filters, reset_filters
from fmn.filters.editing import edit_filter, remove_filter, set_oneshot, snooze_filter
from fmn.filters.models import Undo
from fmn.filters.undo import RemovedFilter, UndoResult, delete_old_undos, find_removed_filter, undo
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from tests.concurrency import at_once
from tests.factories.messages import NOON
from tests.integration.filters.owned_filters import OwnedFilters, about


@pytest.fixture
def owned_filters(database: Database) -> OwnedFilters:
    """Alice's filters: php, ruby and kernel."""
    return OwnedFilters.of(database, "php", "ruby", "kernel")


def remove(owned_filters: OwnedFilters, name: str) -> int:
    with owned_filters.database.transaction() as session:
        return remove_filter(session, owned_filters[name])


def take_back(owned_filters: OwnedFilters, undo_id: int) -> UndoResult:
    with owned_filters.database.transaction() as session:
        return undo(session, owned_filters.person.user_id, undo_id)


def test_a_filter_comes_back_as_it_was_and_where_it_was(owned_filters: OwnedFilters) -> None:
    # Given a filter with everything that one can have
    with owned_filters.database.transaction() as session:
        set_oneshot(session, owned_filters["ruby"], oneshot=True)
        edit_filter(session, owned_filters["ruby"], lambda spec: spec.replaced(
            hold_minutes=15, owner_note="Until the rebuild"))
        snooze_filter(session, owned_filters["ruby"], NOON + timedelta(days=2), NOON)
    before = [vars(each) | {"_sa_instance_state": None} for each in owned_filters.filters()]
    # When it's deleted, and that is taken back
    undo_id = remove(owned_filters, "ruby")
    assert owned_filters.names == ["php", "kernel"]
    revision = owned_filters.revision
    # Then nothing is different, down to its id, by which links in mails stop it
    assert take_back(owned_filters, undo_id) == UndoResult("email", ["ruby"])
    assert [vars(each) | {"_sa_instance_state": None} for each in owned_filters.filters()] == before
    assert owned_filters.changed_since(revision) == {owned_filters.person.user_id}


def test_a_second_time_changes_nothing(owned_filters: OwnedFilters) -> None:
    undo_id = remove(owned_filters, "ruby")
    take_back(owned_filters, undo_id)
    remove(owned_filters, "ruby")
    revision = owned_filters.revision
    assert take_back(owned_filters, undo_id) == UndoResult("email", [])
    assert (owned_filters.names, owned_filters.revision) == (["php", "kernel"], revision)


def test_pressing_it_many_times_brings_one_back(postgresql_database: Database) -> None:
    owned_filters = OwnedFilters.of(postgresql_database, "php", "ruby")
    undo_id = remove(owned_filters, "php")
    at_once(4, lambda _number: take_back(owned_filters, undo_id))
    assert owned_filters.names == ["php", "ruby"]


def test_what_somebody_else_did_cannot_be_taken_back(owned_filters: OwnedFilters) -> None:
    undo_id = remove(owned_filters, "ruby")
    mallory = OwnedFilters.of(owned_filters.database, nick="mallory")
    for nobodys in (undo_id, 4711):
        with pytest.raises(NoResultFound):
            take_back(mallory, nobodys)
    assert (owned_filters.names, mallory.names) == (["php", "kernel"], [])


def test_all_filters_come_back_before_those_that_were_added_since(owned_filters: OwnedFilters) -> None:
    with owned_filters.database.transaction() as session:
        undo_id = remove_all_filters(session, owned_filters.preference(session))
        assert remove_all_filters(session, owned_filters.preference(session)) is None
    assert owned_filters.names == []
    owned_filters.add("moss")
    assert undo_id is not None
    take_back(owned_filters, undo_id)
    assert owned_filters.names == ["php", "ruby", "kernel", "moss"]


@pytest.mark.dialects
def test_a_reset_puts_the_defaults_in_the_place_of_all_others(owned_filters: OwnedFilters) -> None:
    defaults = {"mine": about("moss"), "ours": about("fern")}
    with owned_filters.database.transaction() as session:
        undo_id = reset_filters(session, owned_filters.preference(session), defaults)
        assert reset_filters(session, owned_filters.preference(session), defaults) is None
    assert owned_filters.names == owned_filters.on == ["mine", "ours"]
    # And what was made of one of them since isn't lost when that is taken back
    owned_filters.rename("ours", "ours, changed")
    assert undo_id is not None
    take_back(owned_filters, undo_id)
    assert owned_filters.names == ["php", "ruby", "kernel", "ours, changed"]


def test_there_has_to_be_room(owned_filters: OwnedFilters, monkeypatch: pytest.MonkeyPatch) -> None:
    undo_id = remove(owned_filters, "ruby")
    owned_filters.add("moss")
    monkeypatch.setattr(locking, "MAX_FILTERS", 3)
    with pytest.raises(UserError, match="There can be 3 filters at most"):
        take_back(owned_filters, undo_id)
    assert owned_filters.names == ["php", "kernel", "moss"]
    # And once there is, it still can be taken back
    remove(owned_filters, "moss")
    assert take_back(owned_filters, undo_id).names == ["ruby"]


@pytest.mark.dialects
def test_what_there_was_of_a_filter_is_found_by_its_id(owned_filters: OwnedFilters) -> None:
    php, ruby = owned_filters["php"], owned_filters["ruby"]
    undo_id = remove(owned_filters, "ruby")
    remove(owned_filters, "kernel")
    mallory = OwnedFilters.of(owned_filters.database, nick="mallory")
    with owned_filters.database.transaction() as session:
        assert find_removed_filter(session, owned_filters.person.user_id, ruby) == RemovedFilter(
            undo_id, "email", "ruby")
        assert find_removed_filter(session, owned_filters.person.user_id, php) is None
        assert find_removed_filter(session, mallory.person.user_id, ruby) is None


def test_it_is_forgotten_after_a_while(owned_filters: OwnedFilters) -> None:
    undo_id = remove(owned_filters, "ruby")
    for before, left in ((utc_now() - timedelta(minutes=1), 1), (utc_now() + timedelta(minutes=1), 0)):
        with owned_filters.database.transaction() as session:
            delete_old_undos(session, before, 100)
            assert session.scalar(select(func.count()).select_from(Undo)) == left
    with pytest.raises(NoResultFound):
        take_back(owned_filters, undo_id)


def kept(database: Database) -> tuple[int, int]:
    """How many undos there are, and how many characters they have."""
    with database.reading() as session:
        count, characters = session.execute(
            select(func.count(Undo.id), func.coalesce(func.sum(func.length(Undo.filters)), 0))).one()
    return count, characters


def replace_all(owned_filters: OwnedFilters, number: int) -> int:
    """Replace all filters by others with long names."""
    defaults = {f"{number} {each} ".ljust(200, "x"): about(f"package {number}") for each in range(100)}
    with owned_filters.database.transaction() as session:
        kept_as = reset_filters(session, owned_filters.preference(session), defaults)
    assert kept_as is not None
    return kept_as


class TestThereIsRoomForSomeOfThem:
    def test_and_the_oldest_go_first(
        self, owned_filters: OwnedFilters, monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(undos, "MAX_UNDOS", 3)
        ids = []
        for number in range(5):
            owned_filters.add(f"moss {number}")
            ids.append(remove(owned_filters, f"moss {number}"))

        for gone in ids[:2]:
            with pytest.raises(NoResultFound):
                take_back(owned_filters, gone)
        assert [take_back(owned_filters, each).names for each in ids[2:]] == [
            ["moss 2"], ["moss 3"], ["moss 4"]]

    def test_however_often_large_ones_are_made(self, owned_filters: OwnedFilters) -> None:
        # When all filters are replaced by a hundred others, again and again
        for number in range(40):
            last = replace_all(owned_filters, number)

        # Then not all of it is kept, and yet the last time can be taken back
        _, characters = kept(owned_filters.database)
        assert 0 < characters <= undos.MAX_UNDO_CHARACTERS
        assert len(take_back(owned_filters, last).names) == 100

    @pytest.mark.dialects
    def test_and_the_latest_is_kept_however_large_it_is(
        self, owned_filters: OwnedFilters, monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(undos, "MAX_UNDO_CHARACTERS", 1)
        remove(owned_filters, "php")
        last = remove(owned_filters, "ruby")

        assert kept(owned_filters.database)[0] == 1
        assert take_back(owned_filters, last).names == ["ruby"]

    def test_and_others_lose_none_for_that(
        self, owned_filters: OwnedFilters, monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(undos, "MAX_UNDOS", 1)
        undo_id = remove(owned_filters, "ruby")
        mallory = OwnedFilters.of(owned_filters.database, "php", "ruby", "kernel", nick="mallory")
        for name in ("php", "ruby", "kernel"):
            remove(mallory, name)

        assert take_back(owned_filters, undo_id).names == ["ruby"]

    def test_whoever_does_it_in_many_windows_at_once(
        self, postgresql_database: Database, monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(undos, "MAX_UNDOS", 2)
        names = [f"package {number}" for number in range(8)]
        owned_filters = OwnedFilters.of(postgresql_database, *names)
        ids = {name: owned_filters[name] for name in names}

        def remove_one(number: int) -> None:
            with postgresql_database.transaction() as session:
                remove_filter(session, ids[names[number]])

        at_once(8, remove_one)

        assert kept(postgresql_database)[0] == 2
