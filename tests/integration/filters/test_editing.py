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

from fmn.errors import ConflictError, UserError
from fmn.filters import locking
from fmn.filters.editing import (
    add_filter,
    add_filter_once,
    copy_filter,
    edit_filter,
    move_filter,
    remove_filter,
    set_filter_enabled,
    set_oneshot,
    snooze_filter,
)
from fmn.filters.expressions import ME, Rule
from fmn.filters.models import Filter
from fmn.filters.spec import MAX_NAME_LENGTH, FilterSpec, normalize_name
from fmn.infra.db import Database
from fmn.people.models import Preference, PreferenceChange
from tests.concurrency import at_once, wait_until_waiting
from tests.factories.messages import NOON, recorded_in, stored
from tests.integration.filters.owned_filters import OwnedFilters, about

pytestmark = pytest.mark.dialects

LATER = NOON + timedelta(days=2)

#: What can be done to a filter, and is something else than what is.
DEEDS: dict[str, Callable[[Session, int], object]] = {
    "rename": lambda session, one: edit_filter(session, one, lambda spec: spec.replaced(name="renamed")),
    "change": lambda session,
    one: edit_filter(session, one, lambda spec: spec.replaced(expression=about("ruby"))),
    "switch": lambda session, one: set_filter_enabled(session, one, enabled=False),
    "once": lambda session, one: set_oneshot(session, one, oneshot=True),
    "hold": lambda session, one: edit_filter(session, one, lambda spec: spec.replaced(hold_minutes=15)),
    "snooze": lambda session, one: snooze_filter(session, one, LATER, NOON),
    "move": lambda session, one: move_filter(session, one, 1),
    "copy": lambda session, one: copy_filter(session, one, "irc"),
    "remove": remove_filter,
}


@pytest.fixture
def owned_filters(database: Database) -> OwnedFilters:
    """Alice's filters: php, ruby and kernel."""
    return OwnedFilters.of(database, "php", "ruby", "kernel")


@pytest.fixture
def irc(owned_filters: OwnedFilters) -> OwnedFilters:
    """Alice's other preference."""
    with owned_filters.database.transaction() as session:
        other = Preference(user_id=owned_filters.person.user_id, context="irc", enabled=False)
        session.add(other)
        session.flush()
        person = owned_filters.person.__class__(owned_filters.person.user_id, "irc", other.id, (), (), ())
        return OwnedFilters(owned_filters.database, person)


@pytest.mark.parametrize("deed", DEEDS.values(), ids=list(DEEDS))
def test_whatever_is_done_counts_for_the_next_message(
    owned_filters: OwnedFilters, irc: OwnedFilters, deed: Callable[[Session, int], object],
) -> None:
    before, revision = owned_filters.version + irc.version, owned_filters.revision
    with owned_filters.database.transaction() as session:
        deed(session, owned_filters["php"])
    assert owned_filters.changed_since(revision) == {owned_filters.person.user_id}
    assert owned_filters.version + irc.version == before + 1


@pytest.mark.parametrize("deed", [*DEEDS.values()], ids=[*DEEDS])
def test_nothing_can_be_done_to_what_is_not_there(
    owned_filters: OwnedFilters, deed: Callable[[Session, int], object],
) -> None:
    with owned_filters.database.transaction() as session, pytest.raises(NoResultFound):
        deed(session, 4711)


@pytest.mark.parametrize("deed", [*DEEDS.values()], ids=[*DEEDS])
def test_doing_it_at_the_same_time_harms_nobody(
    postgresql_database: Database, deed: Callable[[Session, int], object],
) -> None:
    # Given Alice, who has pressed a button many times
    owned_filters = OwnedFilters.of(postgresql_database, "php", "ruby", "kernel")
    with postgresql_database.transaction() as session:
        session.add(Preference(user_id=owned_filters.person.user_id, context="irc"))
    php = owned_filters["php"]

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
    assert [each.position for each in owned_filters.filters()] == list(range(len(owned_filters.names)))
    with postgresql_database.transaction() as session:
        assert session.query(Filter).count() == {"remove": 2, "copy": 4}.get(
            next(name for name, known in DEEDS.items() if known is deed), 3)


class TestAChange:
    def test_gives_it_another_name_and_lets_it_ask_something_else(self, owned_filters: OwnedFilters) -> None:
        with owned_filters.database.transaction() as session:
            changed = edit_filter(session, owned_filters["php"], lambda spec: spec.replaced(
                name="  What I\nhear ", expression=Rule.of("user_filter", {"fasnick": "alice"})), seen=0)
            assert changed.filter.stored.expression == Rule.of("user_filter", {"fasnick": ME})

        assert owned_filters.names == ["What I hear", "ruby", "kernel"]
        assert [each.version for each in owned_filters.filters()] == [1, 0, 0]

    def test_of_what_was_changed_meanwhile_is_refused(self, owned_filters: OwnedFilters) -> None:
        # Given Alice, who saved it in another window
        with owned_filters.database.transaction() as session:
            edit_filter(session, owned_filters["php"], lambda spec: spec.replaced(name="PHP"), seen=0)
        with owned_filters.database.transaction() as session, pytest.raises(ConflictError):
            edit_filter(session, owned_filters["PHP"], lambda spec: spec.replaced(name="PHP, mine"), seen=0)
        assert owned_filters.names == ["PHP", "ruby", "kernel"]

    def test_that_comes_twice_is_none_the_second_time(self, owned_filters: OwnedFilters) -> None:
        revisions = set()
        for _ in range(2):
            with owned_filters.database.transaction() as session:
                edit_filter(session, owned_filters.filters()[
                    0].id, lambda spec: spec.replaced(name="PHP", expression=about("ruby")), seen=0)
            revisions.add(owned_filters.revision)
        assert len(revisions) == 1
        assert owned_filters.one("PHP").version == 1

    def test_of_all_fields_is_one_change_or_none(self, owned_filters: OwnedFilters) -> None:
        wanted = FilterSpec(
            name="Mine", expression=about("ruby"), enabled=False, oneshot=True, hold_minutes=15)
        before, revision = owned_filters.version, owned_filters.revision
        # When another version was seen, or one field of all is bad
        for seen, spec, problem in ((4, wanted, ConflictError), (0, wanted.replaced(name=""), UserError)):
            with owned_filters.database.transaction() as session, pytest.raises(problem):
                edit_filter(session, owned_filters["php"], lambda _there: spec, seen=seen, exact=True)  # noqa: B023 - it's called at once
        # Then nothing is done
        assert (owned_filters.version, owned_filters.revision) == (before, revision)

        with owned_filters.database.transaction() as session:
            edit_filter(session, owned_filters["php"], lambda _there: wanted, seen=0, exact=True)

        with owned_filters.database.reading() as session:
            assert FilterSpec.of(session.get_one(Filter, owned_filters["Mine"])) == wanted
            noted = session.get_one(PreferenceChange, (revision + 1, owned_filters.person.user_id))
            assert noted.changed == [["filter", "email", "rules"], ["filter", "email", "state"]]
        assert (owned_filters.version, owned_filters.revision) == (before + 1, revision + 1)

    def test_of_the_note_counts_a_version_and_is_announced_to_nobody(
        self, owned_filters: OwnedFilters,
    ) -> None:
        revision = owned_filters.revision
        with owned_filters.database.transaction() as session:
            edit_filter(
                session, owned_filters["php"], lambda spec: spec.replaced(owner_note=" For\nBob "), seen=0)
        with owned_filters.database.transaction() as session, pytest.raises(ConflictError):
            edit_filter(session, owned_filters["php"], lambda spec: spec.replaced(owner_note=""), seen=0)
        assert owned_filters.one("php").owner_note == "For Bob"
        with owned_filters.database.reading() as session:
            assert session.get_one(
                PreferenceChange, (revision + 1, owned_filters.person.user_id)).changed == []

    @pytest.mark.parametrize(("name", "sentence"), [
        (" \t", "Give the filter a name."),
        ("x" * 201, "A name can have 200 characters at most, and this one has 201."),
        ("bell \a", "There is a character in the name that can’t be shown (U+0007)."),
        ("half \ud800", "There is a character in the name that can’t be shown (U+D800)."),
    ])
    def test_needs_a_name_that_can_be_shown(
        self, owned_filters: OwnedFilters, name: str, sentence: str,
    ) -> None:
        with owned_filters.database.transaction() as session, pytest.raises(UserError) as refused:
            edit_filter(session, owned_filters["php"], lambda spec: spec.replaced(name=name))
        assert (str(refused.value), refused.value.field) == (sentence, "name")
        assert owned_filters.names == ["php", "ruby", "kernel"]


@given(name=st.text(max_size=MAX_NAME_LENGTH + 5))
def test_a_name_is_kept_on_one_line_or_refused(name: str) -> None:
    try:
        cleaned = normalize_name(name)
    except UserError:
        return
    assert cleaned.isprintable()
    assert cleaned == normalize_name(cleaned)
    assert 0 < len(cleaned) <= MAX_NAME_LENGTH
    assert cleaned.split() == name.split()


class TestASwitch:
    def test_ends_a_sleep_and_is_done_with_what_an_administrator_said(
        self, owned_filters: OwnedFilters,
    ) -> None:
        with owned_filters.database.transaction() as session:
            php = session.get_one(Filter, owned_filters["php"])
            php.enabled, php.stop_reason = False, "It matched everything."
            snooze_filter(session, owned_filters["ruby"], LATER, NOON)
            # Switching it off as well, be it by a mail's link, ends the sleep and leaves it off
            assert set_filter_enabled(session, owned_filters["ruby"], enabled=False)
            assert set_filter_enabled(session, owned_filters["php"], enabled=True)

        assert owned_filters.on == ["php", "kernel"]
        assert [(each.stop_reason, each.snoozed_until) for each in owned_filters.filters()] == [
            (None, None)] * 3


class TestASnooze:
    def test_switches_it_off_until_a_moment_which_can_be_another_one(
        self, owned_filters: OwnedFilters,
    ) -> None:
        for until in (LATER, LATER + timedelta(days=1)):
            with owned_filters.database.transaction() as session:
                assert snooze_filter(session, owned_filters["php"], until, NOON)
                assert not snooze_filter(session, owned_filters["php"], until, NOON)
            assert (owned_filters.one("php").enabled, owned_filters.one("php").snoozed_until) == (
                False, until)

    @pytest.mark.parametrize(("until", "sentence"), [
        (NOON, "That moment is past: choose a later one."),
        (NOON + timedelta(days=400), "That is more than a year away: switch the filter off instead."),
    ])
    def test_ends_in_the_coming_year(self, owned_filters: OwnedFilters, until: object, sentence: str) -> None:
        with owned_filters.database.transaction() as session, pytest.raises(UserError) as refused:
            snooze_filter(session, owned_filters["php"], until, NOON)  # type: ignore[arg-type] # parametrised
        assert str(refused.value) == sentence
        assert "php" in owned_filters.on

    def test_is_for_what_is_on(self, owned_filters: OwnedFilters) -> None:
        with owned_filters.database.transaction() as session:
            set_filter_enabled(session, owned_filters["php"], enabled=False)
            with pytest.raises(UserError, match="Only one that is on can be snoozed"):
                snooze_filter(session, owned_filters["php"], LATER, NOON)
        assert owned_filters.one("php").snoozed_until is None


class TestAHold:
    @pytest.mark.parametrize("minutes", [-1, 0, 1441])
    def test_is_for_a_day_at_most(self, owned_filters: OwnedFilters, minutes: int) -> None:
        with owned_filters.database.transaction() as session:
            with pytest.raises(UserError, match="for 1 to 1,440 minutes"):
                edit_filter(session, owned_filters["php"], lambda spec: spec.replaced(hold_minutes=minutes))
            with pytest.raises(UserError, match="for 1 to 1,440 minutes"):
                add_filter(session, session.get_one(Preference, owned_filters.person.preference_id),
                    FilterSpec(name="perl", expression=about("perl"), hold_minutes=minutes))
        assert [each.hold_minutes for each in owned_filters.filters()] == [None] * 3

    def test_can_be_given_up(self, owned_filters: OwnedFilters) -> None:
        with owned_filters.database.transaction() as session:
            edited = edit_filter(session, owned_filters["php"], lambda spec: spec.replaced(hold_minutes=1440))
            assert edited.changed
            again = edit_filter(session, owned_filters["php"], lambda spec: spec.replaced(hold_minutes=1440))
            assert not again.changed
            edit_filter(session, owned_filters["php"], lambda spec: spec.replaced(hold_minutes=None))
        assert owned_filters.one("php").hold_minutes is None


class TestAMove:
    @pytest.mark.parametrize(("name", "position", "order"), [
        ("php", 1, "ruby php kernel"), ("php", 2, "ruby kernel php"), ("kernel", 0, "kernel php ruby"),
        ("kernel", 99, "php ruby kernel"), ("ruby", -5, "ruby php kernel"), ("ruby", 1, "php ruby kernel"),
    ])
    def test_puts_it_where_it_is_wanted(
        self, owned_filters: OwnedFilters, name: str, position: int, order: str,
    ) -> None:
        revision, before = owned_filters.revision, owned_filters.names
        with owned_filters.database.transaction() as session:
            assert move_filter(session, owned_filters[name], position) == order.split().index(name)
        assert owned_filters.names == order.split()
        assert [each.position for each in owned_filters.filters()] == [0, 1, 2]
        assert (owned_filters.revision == revision) is (owned_filters.names == before)


class TestACopy:
    def test_is_as_its_original_in_another_context(
        self, owned_filters: OwnedFilters, irc: OwnedFilters,
    ) -> None:
        with owned_filters.database.transaction() as session:
            set_oneshot(session, owned_filters["php"], oneshot=True)
            edit_filter(session, owned_filters["php"], lambda spec: spec.replaced(hold_minutes=15))
            snooze_filter(session, owned_filters["php"], LATER, NOON)
            copied, new = copy_filter(session, owned_filters["php"], "irc")
            assert new
            assert (copied.oneshot, copied.enabled, copied.snoozed_until) == (True, False, LATER)
            assert copied.hold_minutes == 15
            assert copied.expression_id == owned_filters.person.expression_ids[0]
        assert (irc.names, owned_filters.names) == (["php"], ["php", "ruby", "kernel"])

    def test_is_made_once(self, owned_filters: OwnedFilters, irc: OwnedFilters) -> None:
        for new in (True, False):
            with owned_filters.database.transaction() as session:
                assert copy_filter(session, owned_filters["php"], "irc").new is new
        assert irc.names == ["php"]

    def test_goes_to_nobody_else_and_nowhere(self, owned_filters: OwnedFilters) -> None:
        OwnedFilters.of(owned_filters.database, nick="mallory")
        with owned_filters.database.transaction() as session, pytest.raises(NoResultFound):
            copy_filter(session, owned_filters["php"], "irc")


class TestAnAddition:
    def test_is_made_once_if_it_is_to_be(self, owned_filters: OwnedFilters) -> None:
        me = Rule.of("user_filter", {"fasnick": "alice"})
        for new in (True, False):
            with owned_filters.database.transaction() as session:
                added = add_filter_once(
                    session, owned_filters.preference(session), FilterSpec(name="me", expression=me))
            assert added.new is new
        with owned_filters.database.transaction() as session:
            assert add_filter_once(
                session, owned_filters.preference(session), FilterSpec(name="me", expression=about("me"))).new
        assert owned_filters.names == ["php", "ruby", "kernel", "me", "me"]

    def test_needs_room(self, owned_filters: OwnedFilters, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(locking, "MAX_FILTERS", 4)
        owned_filters.add("moss")
        for deed in (
            lambda session: add_filter(session, owned_filters.preference(session), FilterSpec(
                name="fern", expression=about("fern"))),
            lambda session: add_filter_once(session, owned_filters.preference(session), FilterSpec(
                name="fern", expression=about("fern"))),
        ):
            with owned_filters.database.transaction() as session:
                with pytest.raises(UserError, match="There can be 4 filters at most"):
                    deed(session)
                session.rollback()
        assert len(owned_filters.names) == 4


def test_a_filter_that_fires_is_deleted_after_that(postgresql_database: Database) -> None:
    # Given a worker that records for Alice's one-shot filter, which is to be switched off by it
    owned_filters = OwnedFilters.of(postgresql_database, "php", "ruby")
    with postgresql_database.transaction() as session:
        set_oneshot(session, owned_filters["ruby"], oneshot=True)
    ids = stored(postgresql_database, 1)
    ruby = owned_filters["ruby"]

    def remove() -> None:
        with postgresql_database.transaction() as session:
            remove_filter(session, ruby)

    with ThreadPoolExecutor(1) as pool, postgresql_database.transaction() as session:
        recorded_in(session, ids, owned_filters.person.concern_of(1))
        # When she deletes it meanwhile, then both come to an end
        removal = pool.submit(remove)
        wait_until_waiting(postgresql_database)
        session.commit()
        removal.result()
    assert owned_filters.names == ["php"]
