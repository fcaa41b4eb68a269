"""What people do to one of their filters, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from fmn.filters import locking
from fmn.filters.editing import (
    LONGEST_NAME,
    add_filter,
    add_filter_once,
    change_filter,
    clean_name,
    copy_filter,
    move_filter,
    remove_filter,
    set_filter_enabled,
    set_hold,
    set_oneshot,
    snooze_filter,
)
from fmn.filters.expressions import ME, Rule
from fmn.filters.locking import EditError
from fmn.filters.models import Filter
from fmn.infra.db import Database
from fmn.people.models import Preference
from fmn.people.versions import EditConflictError
from tests.concurrency import at_once, wait_until_waiting
from tests.factories.messages import NOON, recorded_in, stored
from tests.integration.filters.owned_filters import Shelf, about

LATER = NOON + timedelta(days=2)

#: What can be done to a filter, and is something else than what is.
DEEDS: dict[str, Callable[[Session, int], object]] = {
    "rename": lambda session, one: change_filter(session, one, name="renamed"),
    "change": lambda session, one: change_filter(session, one, expression=about("ruby")),
    "switch": lambda session, one: set_filter_enabled(session, one, enabled=False),
    "once": lambda session, one: set_oneshot(session, one, oneshot=True),
    "hold": lambda session, one: set_hold(session, one, 15),
    "snooze": lambda session, one: snooze_filter(session, one, LATER, NOON),
    "move": lambda session, one: move_filter(session, one, 1),
    "copy": lambda session, one: copy_filter(session, one, "irc"),
    "remove": remove_filter,
}


@pytest.fixture
def shelf(database: Database) -> Shelf:
    """Alice's filters: php, ruby and kernel."""
    return Shelf.of(database, "php", "ruby", "kernel")


@pytest.fixture
def irc(shelf: Shelf) -> Shelf:
    """Alice's other preference."""
    with shelf.database.transaction() as session:
        other = Preference(user_id=shelf.person.user_id, context="irc", enabled=False)
        session.add(other)
        session.flush()
        person = shelf.person.__class__(shelf.person.user_id, "irc", other.id, (), (), ())
        return Shelf(shelf.database, person)


@pytest.mark.parametrize("deed", DEEDS.values(), ids=list(DEEDS))
def test_whatever_is_done_counts_for_the_next_message(
    shelf: Shelf, irc: Shelf, deed: Callable[[Session, int], object],
) -> None:
    before, revision = shelf.version + irc.version, shelf.revision
    with shelf.database.transaction() as session:
        deed(session, shelf["php"])
    assert shelf.changed_since(revision) == {shelf.person.user_id}
    assert shelf.version + irc.version == before + 1


@pytest.mark.parametrize("deed", [*DEEDS.values()], ids=[*DEEDS])
def test_nothing_can_be_done_to_what_is_not_there(
    shelf: Shelf, deed: Callable[[Session, int], object],
) -> None:
    with shelf.database.transaction() as session, pytest.raises(NoResultFound):
        deed(session, 4711)


@pytest.mark.parametrize("deed", [*DEEDS.values()], ids=[*DEEDS])
def test_doing_it_at_the_same_time_harms_nobody(
    postgresql_database: Database, deed: Callable[[Session, int], object],
) -> None:
    # Given Alice, who has pressed a button many times
    shelf = Shelf.of(postgresql_database, "php", "ruby", "kernel")
    with postgresql_database.transaction() as session:
        session.add(Preference(user_id=shelf.person.user_id, context="irc"))
    php = shelf["php"]

    def act(_number: int) -> str:
        try:
            with postgresql_database.transaction() as session:
                deed(session, php)
        except NoResultFound:
            return "gone"
        return "done"

    # Then it's done once, and its filters are in one order
    outcomes = at_once(4, act)
    assert outcomes.count("gone") == (3 if deed is remove_filter else 0)
    assert [each.position for each in shelf.filters()] == list(range(len(shelf.names)))
    with postgresql_database.transaction() as session:
        assert session.query(Filter).count() == {"remove": 2, "copy": 4}.get(
            next(name for name, known in DEEDS.items() if known is deed), 3)


class TestAChange:
    def test_gives_it_another_name_and_lets_it_ask_something_else(self, shelf: Shelf) -> None:
        with shelf.database.transaction() as session:
            changed = change_filter(
                session, shelf["php"], name="  What I\nhear ",
                expression=Rule.of("user_filter", {"fasnick": "alice"}), seen=0)
            assert changed.stored.expression == Rule.of("user_filter", {"fasnick": ME})

        assert shelf.names == ["What I hear", "ruby", "kernel"]
        assert [each.version for each in shelf.filters()] == [1, 0, 0]

    def test_of_what_was_changed_meanwhile_is_refused(self, shelf: Shelf) -> None:
        # Given Alice, who saved it in another window
        with shelf.database.transaction() as session:
            change_filter(session, shelf["php"], name="PHP", seen=0)
        with shelf.database.transaction() as session, pytest.raises(EditConflictError):
            change_filter(session, shelf["PHP"], name="PHP, mine", seen=0)
        assert shelf.names == ["PHP", "ruby", "kernel"]

    def test_that_comes_twice_is_none_the_second_time(self, shelf: Shelf) -> None:
        revisions = set()
        for _ in range(2):
            with shelf.database.transaction() as session:
                change_filter(session, shelf.filters()[0].id, name="PHP", expression=about("ruby"), seen=0)
            revisions.add(shelf.revision)
        assert len(revisions) == 1
        assert shelf.one("PHP").version == 1

    @pytest.mark.parametrize(("name", "sentence"), [
        (" \t", "Give the filter a name."),
        ("x" * 201, "A name can have 200 characters at most, and this one has 201."),
        ("bell \a", "There is a character in the name that can’t be shown (U+0007)."),
        ("half \ud800", "There is a character in the name that can’t be shown (U+D800)."),
    ])
    def test_needs_a_name_that_can_be_shown(self, shelf: Shelf, name: str, sentence: str) -> None:
        with shelf.database.transaction() as session, pytest.raises(EditError) as refused:
            change_filter(session, shelf["php"], name=name)
        assert (str(refused.value), refused.value.field) == (sentence, "name")
        assert shelf.names == ["php", "ruby", "kernel"]


@given(name=st.text(max_size=LONGEST_NAME + 5))
def test_a_name_is_kept_on_one_line_or_refused(name: str) -> None:
    try:
        cleaned = clean_name(name)
    except EditError:
        return
    assert cleaned.isprintable()
    assert cleaned == clean_name(cleaned)
    assert 0 < len(cleaned) <= LONGEST_NAME
    assert cleaned.split() == name.split()


class TestASwitch:
    def test_ends_a_sleep_and_is_done_with_what_an_administrator_said(self, shelf: Shelf) -> None:
        with shelf.database.transaction() as session:
            php = session.get_one(Filter, shelf["php"])
            php.enabled, php.note = False, "It matched everything."
            snooze_filter(session, shelf["ruby"], LATER, NOON)
            # Switching it off as well, be it by a mail's link, ends the sleep and leaves it off
            assert set_filter_enabled(session, shelf["ruby"], enabled=False)
            assert set_filter_enabled(session, shelf["php"], enabled=True)

        assert shelf.on == ["php", "kernel"]
        assert [(each.note, each.snoozed_until) for each in shelf.filters()] == [(None, None)] * 3


class TestASnooze:
    def test_switches_it_off_until_a_moment_which_can_be_another_one(self, shelf: Shelf) -> None:
        for until in (LATER, LATER + timedelta(days=1)):
            with shelf.database.transaction() as session:
                assert snooze_filter(session, shelf["php"], until, NOON)
                assert not snooze_filter(session, shelf["php"], until, NOON)
            assert (shelf.one("php").enabled, shelf.one("php").snoozed_until) == (False, until)

    @pytest.mark.parametrize(("until", "sentence"), [
        (NOON, "That moment is past: choose a later one."),
        (NOON + timedelta(days=400), "That is more than a year away: switch the filter off instead."),
    ])
    def test_ends_in_the_coming_year(self, shelf: Shelf, until: object, sentence: str) -> None:
        with shelf.database.transaction() as session, pytest.raises(EditError) as refused:
            snooze_filter(session, shelf["php"], until, NOON)  # type: ignore[arg-type] # parametrised
        assert str(refused.value) == sentence
        assert "php" in shelf.on

    def test_is_for_what_is_on(self, shelf: Shelf) -> None:
        with shelf.database.transaction() as session:
            set_filter_enabled(session, shelf["php"], enabled=False)
            with pytest.raises(EditError, match="Only one that is on can be snoozed"):
                snooze_filter(session, shelf["php"], LATER, NOON)
        assert shelf.one("php").snoozed_until is None


class TestAHold:
    @pytest.mark.parametrize("minutes", [-1, 0, 1441])
    def test_is_for_a_day_at_most(self, shelf: Shelf, minutes: int) -> None:
        with shelf.database.transaction() as session:
            with pytest.raises(EditError, match="for 1 to 1,440 minutes"):
                set_hold(session, shelf["php"], minutes)
            with pytest.raises(EditError, match="for 1 to 1,440 minutes"):
                add_filter(
                    session, session.get_one(Preference, shelf.person.preference_id), "perl", about("perl"),
                    hold_minutes=minutes)
        assert [each.hold_minutes for each in shelf.filters()] == [None] * 3

    def test_can_be_given_up(self, shelf: Shelf) -> None:
        with shelf.database.transaction() as session:
            assert set_hold(session, shelf["php"], 1440)
            assert not set_hold(session, shelf["php"], 1440)
            assert set_hold(session, shelf["php"], None)
        assert shelf.one("php").hold_minutes is None


class TestAMove:
    @pytest.mark.parametrize(("name", "position", "order"), [
        ("php", 1, "ruby php kernel"), ("php", 2, "ruby kernel php"), ("kernel", 0, "kernel php ruby"),
        ("kernel", 99, "php ruby kernel"), ("ruby", -5, "ruby php kernel"), ("ruby", 1, "php ruby kernel"),
    ])
    def test_puts_it_where_it_is_wanted(self, shelf: Shelf, name: str, position: int, order: str) -> None:
        revision, before = shelf.revision, shelf.names
        with shelf.database.transaction() as session:
            assert move_filter(session, shelf[name], position) == order.split().index(name)
        assert shelf.names == order.split()
        assert [each.position for each in shelf.filters()] == [0, 1, 2]
        assert (shelf.revision == revision) is (shelf.names == before)


class TestACopy:
    def test_is_as_its_original_in_another_context(self, shelf: Shelf, irc: Shelf) -> None:
        with shelf.database.transaction() as session:
            set_oneshot(session, shelf["php"], oneshot=True)
            set_hold(session, shelf["php"], 15)
            snooze_filter(session, shelf["php"], LATER, NOON)
            copied, new = copy_filter(session, shelf["php"], "irc")
            assert new
            assert (copied.oneshot, copied.enabled, copied.snoozed_until) == (True, False, LATER)
            assert copied.hold_minutes == 15
            assert copied.expression_id == shelf.person.expression_ids[0]
        assert (irc.names, shelf.names) == (["php"], ["php", "ruby", "kernel"])

    def test_is_made_once(self, shelf: Shelf, irc: Shelf) -> None:
        for new in (True, False):
            with shelf.database.transaction() as session:
                assert copy_filter(session, shelf["php"], "irc").new is new
        assert irc.names == ["php"]

    def test_goes_to_nobody_else_and_nowhere(self, shelf: Shelf) -> None:
        Shelf.of(shelf.database, nick="mallory")
        with shelf.database.transaction() as session, pytest.raises(NoResultFound):
            copy_filter(session, shelf["php"], "irc")


class TestAnAddition:
    def test_is_made_once_if_it_is_to_be(self, shelf: Shelf) -> None:
        me = Rule.of("user_filter", {"fasnick": "alice"})
        for new in (True, False):
            with shelf.database.transaction() as session:
                added = add_filter_once(session, shelf.preference(session), "me", me)
            assert added.new is new
        with shelf.database.transaction() as session:
            assert add_filter_once(session, shelf.preference(session), "me", about("me")).new
        assert shelf.names == ["php", "ruby", "kernel", "me", "me"]

    def test_needs_room(self, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(locking, "MOST_FILTERS", 4)
        shelf.add("moss")
        for deed in (
            lambda session: add_filter(session, shelf.preference(session), "fern", about("fern")),
            lambda session: add_filter_once(session, shelf.preference(session), "fern", about("fern")),
        ):
            with shelf.database.transaction() as session:
                with pytest.raises(EditError, match="There can be 4 filters at most"):
                    deed(session)
                session.rollback()
        assert len(shelf.names) == 4


def test_a_filter_that_fires_is_deleted_after_that(postgresql_database: Database) -> None:
    # Given a worker that records for Alice's one-shot filter, which is to be switched off by it
    shelf = Shelf.of(postgresql_database, "php", "ruby")
    with postgresql_database.transaction() as session:
        set_oneshot(session, shelf["ruby"], oneshot=True)
    ids = stored(postgresql_database, 1)
    ruby = shelf["ruby"]

    def remove() -> None:
        with postgresql_database.transaction() as session:
            remove_filter(session, ruby)

    with ThreadPoolExecutor(1) as pool, postgresql_database.transaction() as session:
        recorded_in(session, ids, shelf.person.concern_of(1))
        # When she deletes it meanwhile, then both come to an end
        removal = pool.submit(remove)
        wait_until_waiting(postgresql_database)
        session.commit()
        removal.result()
    assert shelf.names == ["php"]
