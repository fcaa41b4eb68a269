"""Taking back what was done to filters, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import NoResultFound

from fmn.filters import locking
from fmn.filters import undo as undos
from fmn.filters.bulk import remove_all, reset_filters
from fmn.filters.editing import remove_filter, set_hold, set_oneshot, snooze_filter
from fmn.filters.locking import EditError
from fmn.filters.models import Undo
from fmn.filters.undo import Removed, Undone, forget_undos, removed, undo
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from tests.concurrency import at_once
from tests.factories.messages import NOON
from tests.integration.filters.owned_filters import Shelf, about


@pytest.fixture
def shelf(database: Database) -> Shelf:
    """Alice's filters: php, ruby and kernel."""
    return Shelf.of(database, "php", "ruby", "kernel")


def remove(shelf: Shelf, name: str) -> int:
    with shelf.database.transaction() as session:
        return remove_filter(session, shelf[name])


def take_back(shelf: Shelf, undo_id: int) -> Undone:
    with shelf.database.transaction() as session:
        return undo(session, shelf.person.user_id, undo_id)


def test_a_filter_comes_back_as_it_was_and_where_it_was(shelf: Shelf) -> None:
    # Given a filter with everything that one can have
    with shelf.database.transaction() as session:
        set_oneshot(session, shelf["ruby"], oneshot=True)
        set_hold(session, shelf["ruby"], 15)
        snooze_filter(session, shelf["ruby"], NOON + timedelta(days=2), NOON)
    before = [vars(each) | {"_sa_instance_state": None} for each in shelf.filters()]
    # When it's deleted, and that is taken back
    undo_id = remove(shelf, "ruby")
    assert shelf.names == ["php", "kernel"]
    revision = shelf.revision
    # Then nothing is different, down to its id, by which links in mails stop it
    assert take_back(shelf, undo_id) == Undone("email", ["ruby"])
    assert [vars(each) | {"_sa_instance_state": None} for each in shelf.filters()] == before
    assert shelf.changed_since(revision) == {shelf.person.user_id}


def test_a_second_time_changes_nothing(shelf: Shelf) -> None:
    undo_id = remove(shelf, "ruby")
    take_back(shelf, undo_id)
    remove(shelf, "ruby")
    revision = shelf.revision
    assert take_back(shelf, undo_id) == Undone("email", [])
    assert (shelf.names, shelf.revision) == (["php", "kernel"], revision)


def test_pressing_it_many_times_brings_one_back(postgresql_database: Database) -> None:
    shelf = Shelf.of(postgresql_database, "php", "ruby")
    undo_id = remove(shelf, "php")
    at_once(4, lambda _number: take_back(shelf, undo_id))
    assert shelf.names == ["php", "ruby"]


def test_what_somebody_else_did_cannot_be_taken_back(shelf: Shelf) -> None:
    undo_id = remove(shelf, "ruby")
    mallory = Shelf.of(shelf.database, nick="mallory")
    for nobodys in (undo_id, 4711):
        with pytest.raises(NoResultFound):
            take_back(mallory, nobodys)
    assert (shelf.names, mallory.names) == (["php", "kernel"], [])


def test_all_filters_come_back_before_those_that_were_added_since(shelf: Shelf) -> None:
    with shelf.database.transaction() as session:
        undo_id = remove_all(session, shelf.preference(session))
        assert remove_all(session, shelf.preference(session)) is None
    assert shelf.names == []
    shelf.add("moss")
    assert undo_id is not None
    take_back(shelf, undo_id)
    assert shelf.names == ["php", "ruby", "kernel", "moss"]


def test_a_reset_puts_the_defaults_in_the_place_of_all_others(shelf: Shelf) -> None:
    defaults = {"mine": about("moss"), "ours": about("fern")}
    with shelf.database.transaction() as session:
        undo_id = reset_filters(session, shelf.preference(session), defaults)
        assert reset_filters(session, shelf.preference(session), defaults) is None
    assert shelf.names == shelf.on == ["mine", "ours"]
    # And what was made of one of them since isn't lost when that is taken back
    shelf.rename("ours", "ours, changed")
    assert undo_id is not None
    take_back(shelf, undo_id)
    assert shelf.names == ["php", "ruby", "kernel", "ours, changed"]


def test_there_has_to_be_room(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    undo_id = remove(shelf, "ruby")
    shelf.add("moss")
    monkeypatch.setattr(locking, "MOST_FILTERS", 3)
    with pytest.raises(EditError, match="There can be 3 filters at most"):
        take_back(shelf, undo_id)
    assert shelf.names == ["php", "kernel", "moss"]
    # And once there is, it still can be taken back
    remove(shelf, "moss")
    assert take_back(shelf, undo_id).names == ["ruby"]


def test_what_there_was_of_a_filter_is_found_by_its_id(shelf: Shelf) -> None:
    php, ruby = shelf["php"], shelf["ruby"]
    undo_id = remove(shelf, "ruby")
    remove(shelf, "kernel")
    mallory = Shelf.of(shelf.database, nick="mallory")
    with shelf.database.transaction() as session:
        assert removed(session, shelf.person.user_id, ruby) == Removed(undo_id, "email", "ruby")
        assert removed(session, shelf.person.user_id, php) is None
        assert removed(session, mallory.person.user_id, ruby) is None


def test_it_is_forgotten_after_a_while(shelf: Shelf) -> None:
    undo_id = remove(shelf, "ruby")
    for before, left in ((utc_now() - timedelta(minutes=1), 1), (utc_now() + timedelta(minutes=1), 0)):
        with shelf.database.transaction() as session:
            forget_undos(session, before, 100)
            assert session.scalar(select(func.count()).select_from(Undo)) == left
    with pytest.raises(NoResultFound):
        take_back(shelf, undo_id)


def kept(database: Database) -> tuple[int, int]:
    """How many undos there are, and how many characters they have."""
    with database.reading() as session:
        count, characters = session.execute(
            select(func.count(Undo.id), func.coalesce(func.sum(func.length(Undo.filters)), 0))).one()
    return count, characters


def replace_all(shelf: Shelf, number: int) -> int:
    """Replace all filters by others with long names."""
    defaults = {f"{number} {each} ".ljust(200, "x"): about(f"package {number}") for each in range(100)}
    with shelf.database.transaction() as session:
        kept_as = reset_filters(session, shelf.preference(session), defaults)
    assert kept_as is not None
    return kept_as


class TestThereIsRoomForSomeOfThem:
    def test_and_the_oldest_go_first(self, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(undos, "MOST_UNDOS", 3)
        ids = []
        for number in range(5):
            shelf.add(f"moss {number}")
            ids.append(remove(shelf, f"moss {number}"))

        for gone in ids[:2]:
            with pytest.raises(NoResultFound):
                take_back(shelf, gone)
        assert [take_back(shelf, each).names for each in ids[2:]] == [["moss 2"], ["moss 3"], ["moss 4"]]

    def test_however_often_large_ones_are_made(self, shelf: Shelf) -> None:
        # When all filters are replaced by a hundred others, again and again
        for number in range(40):
            last = replace_all(shelf, number)

        # Then not all of it is kept, and yet the last time can be taken back
        _, characters = kept(shelf.database)
        assert 0 < characters <= undos.MOST_CHARACTERS
        assert len(take_back(shelf, last).names) == 100

    def test_and_the_latest_is_kept_however_large_it_is(
        self, shelf: Shelf, monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(undos, "MOST_CHARACTERS", 1)
        remove(shelf, "php")
        last = remove(shelf, "ruby")

        assert kept(shelf.database)[0] == 1
        assert take_back(shelf, last).names == ["ruby"]

    def test_and_others_lose_none_for_that(self, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(undos, "MOST_UNDOS", 1)
        undo_id = remove(shelf, "ruby")
        mallory = Shelf.of(shelf.database, "php", "ruby", "kernel", nick="mallory")
        for name in ("php", "ruby", "kernel"):
            remove(mallory, name)

        assert take_back(shelf, undo_id).names == ["ruby"]

    def test_whoever_does_it_in_many_windows_at_once(
        self, postgresql_database: Database, monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(undos, "MOST_UNDOS", 2)
        names = [f"package {number}" for number in range(8)]
        shelf = Shelf.of(postgresql_database, *names)
        ids = {name: shelf[name] for name in names}

        def remove_one(number: int) -> None:
            with postgresql_database.transaction() as session:
                remove_filter(session, ids[names[number]])

        at_once(8, remove_one)

        assert kept(postgresql_database)[0] == 2
