"""The matcher's index and the preferences it's made of, on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterable
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, select, text, update
from structlog.testing import capture_logs

from benchmarks.naive_matcher import Concerned, Filters, NaiveEvaluator
from fmn.catalog import Facts, Package
from fmn.directory.snapshot import Directory
from fmn.filters.account_creation import create_user
from fmn.filters.editing import add_filter, remove_filter
from fmn.filters.expressions import ME, Expression, Rule
from fmn.filters.models import Filter, StoredExpression
from fmn.filters.rule_types import rule_types
from fmn.filters.spec import FilterSpec
from fmn.infra.db import Database
from fmn.matching.index import loading as index_loading
from fmn.matching.index.loading import CurrentIndex
from fmn.matching.index.matching_index import Index, Match
from fmn.people.change_log import record_change
from fmn.people.models import Preference, PreferenceChange, User
from fmn.people.preferences import set_enabled
from tests.concurrency import at_once
from tests.factories.databases import empty
from tests.factories.messages import make_facts, make_message
from tests.hypothesis_profiles import scaled
from tests.unit.fmn.matching.generated_inputs import CATALOG, RULE_TYPES, directories, messages, populations

pytestmark = pytest.mark.dialects

NOBODY = Directory()
NAMES_ME = Rule.of("user_filter", {"fasnick": ME})
ABOUT_PHP = Rule.of("package_filter", {"package": "php"})


@pytest.fixture
def current_index(database: Database) -> CurrentIndex:
    return CurrentIndex(database, rule_types())


def create(database: Database, nick: str, *expressions: Expression) -> int:
    """Make an account with filters for e-mail; returns its id."""
    with database.transaction() as session:
        filters = {f"{number}": expression for number, expression in enumerate(expressions)}
        user = create_user(session, nick, {"email": []}, filters)
        assert user is not None
        return user.id


def preference_of(database: Database, user_id: int) -> Preference:
    with database.transaction() as session:
        return session.scalars(select(Preference).where(Preference.user_id == user_id)).one()


def about(*packages: str, naming: Iterable[str] = ()) -> Facts:
    return make_facts(make_message(), packages=[Package("rpms", name) for name in packages], usernames=naming)


def concerned(index: Index, facts: Facts) -> set[int]:
    return {match.user_id for match in index.match(facts, NOBODY)}


class TestWhatWasSavedCountsForTheNextMessage:
    def test_a_new_account(self, database: Database, current_index: CurrentIndex) -> None:
        assert concerned(current_index.current(), about(naming=["alice"])) == set()

        alice = create(database, "alice", NAMES_ME)

        assert concerned(current_index.current(), about(naming=["alice"])) == {alice}

    def test_a_new_filter_and_its_end(self, database: Database, current_index: CurrentIndex) -> None:
        alice, bob = create(database, "alice", NAMES_ME), create(database, "bob", NAMES_ME)
        current_index.current()

        with database.transaction() as session:
            added = add_filter(session, session.merge(
                preference_of(database, alice)), FilterSpec(name="php", expression=ABOUT_PHP))
        assert concerned(current_index.current(), about("php", naming=["bob"])) == {alice, bob}

        with database.transaction() as session:
            remove_filter(session, added.id)
        assert concerned(current_index.current(), about("php", naming=["bob"])) == {bob}

    def test_a_context_switched_off_and_on(self, database: Database, current_index: CurrentIndex) -> None:
        alice = create(database, "alice", NAMES_ME)
        for enabled in (True, False, True):
            with database.transaction() as session:
                set_enabled(session, session.merge(preference_of(database, alice)), on=enabled)
            assert concerned(current_index.current(), about(naming=["alice"])) == (
                {alice} if enabled else set())

    def test_a_filter_switched_off(self, database: Database, current_index: CurrentIndex) -> None:
        alice = create(database, "alice", NAMES_ME, ABOUT_PHP)
        current_index.current()
        with database.transaction() as session:
            session.execute(update(Filter).where(Filter.name == "0").values(enabled=False))
            record_change(session, [alice])

        assert concerned(current_index.current(), about(naming=["alice"])) == set()
        assert concerned(current_index.current(), about("php")) == {alice}

    def test_another_nick(self, database: Database, current_index: CurrentIndex) -> None:
        alice = create(database, "alice", NAMES_ME)
        current_index.current()
        with database.transaction() as session:
            session.execute(update(User).values(nick="alicia"))
            record_change(session, [alice])

        assert concerned(current_index.current(), about(naming=["alice"])) == set()
        assert concerned(current_index.current(), about(naming=["alicia"])) == {alice}

    def test_somebody_who_left(self, database: Database, current_index: CurrentIndex) -> None:
        alice = create(database, "alice", NAMES_ME)
        current_index.current()
        with database.transaction() as session:
            session.execute(delete(Filter))
            session.execute(delete(Preference))
            session.execute(delete(User))
            record_change(session, [alice])

        assert concerned(current_index.current(), about(naming=["alice"])) == set()
        assert len(current_index.current()) == 0

    def test_what_several_threads_ask_for_at_once(
        self, database: Database, current_index: CurrentIndex,
    ) -> None:
        alice = create(database, "alice", NAMES_ME)

        found = at_once(4, lambda _: current_index.current())

        assert all(concerned(index, about(naming=["alice"])) == {alice} for index in found)
        assert len({id(index) for index in found}) == 1


class TestRefreshing:
    def test_keeps_the_index_while_nobody_changes(
        self, database: Database, current_index: CurrentIndex,
    ) -> None:
        create(database, "alice", NAMES_ME)

        assert current_index.current() is current_index.current()

    def test_reads_only_who_changed(self, database: Database, current_index: CurrentIndex) -> None:
        # Given an index of many
        for number in range(20):
            create(database, f"person{number}", NAMES_ME)
        current_index.current()
        # When one of them changes
        create(database, "alice", NAMES_ME, ABOUT_PHP)
        index = current_index.current()
        # Then the others are those of before
        assert len(index) == 21
        assert len(index.changed) == 1

    def test_loads_everything_anew_if_the_log_was_trimmed(
        self, database: Database, current_index: CurrentIndex,
    ) -> None:
        create(database, "alice", NAMES_ME)
        current_index.current()
        bob = create(database, "bob", NAMES_ME)
        create(database, "carol", NAMES_ME)
        with database.transaction() as session:
            session.execute(delete(PreferenceChange).where(PreferenceChange.revision <= 2))

        index = current_index.current()

        assert concerned(index, about(naming=["bob"])) == {bob}
        assert not index.changed

    def test_loads_everything_anew_if_most_have_changed(
        self, database: Database, current_index: CurrentIndex, monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(index_loading, "MAX_CHANGED", 2)
        current_index.current()
        for number in range(5):
            person = create(database, f"person{number}", NAMES_ME)
            assert concerned(current_index.current(), about(naming=[f"person{number}"])) == {person}

        assert len(current_index.current().changed) <= 3
        assert len(current_index.current()) == 5

    def test_takes_more_changes_than_a_statement_has_variables(
        self, database: Database, current_index: CurrentIndex,
    ) -> None:
        alice = create(database, "alice", NAMES_ME)
        current_index.current()
        with database.transaction() as session:
            record_change(session, range(alice, alice + 40_000))

        index = current_index.current()

        assert concerned(index, about(naming=["alice"])) == {alice}
        assert len(index) == 1

    def test_sees_one_state_of_the_database_while_others_write(self, postgresql_database: Database) -> None:
        # Given somebody who gives an account a filter like nobody's between two queries of ours
        database = postgresql_database
        alice = create(database, "alice", NAMES_ME)
        current_index, other = CurrentIndex(database, rule_types()), Database(database.url)
        changed: list[int] = []

        @event.listens_for(database.engine, "after_cursor_execute")
        def change_meanwhile(*arguments: object) -> None:
            if "preference_revision" in str(arguments[2]) and not changed:
                changed.append(alice)
                with other.transaction() as session:
                    add_filter(session, session.merge(
                        preference_of(other, alice)), FilterSpec(name="php", expression=ABOUT_PHP))
        # When the index is loaded
        index = current_index.current()
        other.close()
        # Then it's as before in all respects, and the next one is as after
        assert changed
        assert concerned(index, about("php", naming=["alice"])) == {alice}
        assert concerned(index, about("php")) == set()
        assert concerned(current_index.current(), about("php")) == {alice}


class TestABrokenExpression:
    """It concerns nobody, and is nobody's concern but its owner's."""

    @pytest.mark.parametrize("body", [
        "not even JSON", "null", '{"all": [{"oops": 1}]}', '{"rule": "no_such_rule"}',
        '{"rule": "user_filter"}',
        json.dumps({"rule": "regex_filter", "with": {"pattern": "("}}), '{"not":' * 5000 + "1" + "}" * 5000,
        '{"rule": "topic_filter", "with": {"pattern": "\\ud800"}}',
    ])
    @pytest.mark.parametrize("loaded_before", [True, False])
    def test_matches_nothing_is_logged_and_hurts_nobody_else(
        self, database: Database, current_index: CurrentIndex, body: str, loaded_before: bool,
    ) -> None:
        # Given Mallory, whose first filter can't be evaluated, and Alice
        if loaded_before:
            current_index.current()
        mallory = create(database, "mallory", ABOUT_PHP, NAMES_ME)
        alice = create(database, "alice", NAMES_ME)
        with database.transaction() as session:
            stored = session.scalars(
                select(Filter.expression_id).join(Preference, Preference.id == Filter.preference_id)
                .where(Preference.user_id == mallory, Filter.name == "0")).one()
            session.execute(
                text("UPDATE expressions SET body = :body WHERE id = :id"), {"body": body, "id": stored})
        # When the index is made
        with capture_logs() as logs:
            index = current_index.current()
        # Then it's said, and everything else works
        assert [(entry["event"], entry["expression_id"]) for entry in logs] == [
            ("filter can't be evaluated", stored)]
        assert concerned(index, about("php")) == set()
        assert concerned(index, about("php", naming=["alice", "mallory"])) == {alice, mallory}


def test_an_expression_that_nobody_uses_costs_nothing(
    database: Database, current_index: CurrentIndex,
) -> None:
    create(database, "alice", NAMES_ME)
    with database.transaction() as session:
        session.add(StoredExpression(digest="0" * 64, body={"rule": "no_such_rule"}))

    with capture_logs() as logs:
        assert len(current_index.current()) == 1
    assert logs == []


def settle(database: Database, population: dict[str, Filters]) -> None:
    """Give everybody their filters."""
    with database.transaction() as session:
        for nick, contexts in population.items():
            user = User(nick=nick)
            session.add(user)
            for context, filters in contexts.items():
                preference = Preference(user=user, context=context)
                session.add(preference)
                session.flush()
                for name, expression in filters:
                    add_filter(session, preference, FilterSpec(name=name, expression=expression))


def found_in(database: Database, index: Index, facts: Facts, directory: Directory) -> list[Concerned]:
    """Whom the index finds, and by which of their filters."""
    with database.transaction() as session:
        named = {
            Match(user_id, context, expression_id): Concerned(nick, context, name)
            for user_id, nick, context, expression_id, name in session.execute(
                select(User.id, User.nick, Preference.context, Filter.expression_id, Filter.name)
                .join(Preference, Preference.user_id == User.id)
                .join(Filter, Filter.preference_id == Preference.id)
                .order_by(Filter.position.desc()))
        }
    return sorted(named[match] for match in index.match(facts, directory))


@settings(
    max_examples=scaled(25),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    populations(), populations(), directories(), st.lists(messages(), min_size=1, max_size=4),
    st.sampled_from([0, 10_000]))
def test_an_index_from_a_database_finds_whom_a_naive_evaluator_finds(
    database: Database, before: dict[str, Filters], later: dict[str, Filters], directory: Directory,
    bus: list[Facts], compiled: int,
) -> None:
    empty(database)
    # Given filters that are few, and all kept compiled, or more than are
    with patch.multiple(index_loading, MAX_SHARED=compiled, MAX_RESIDUAL=compiled):
        check_against_naive_evaluator(database, before, later, directory, bus)


def check_against_naive_evaluator(
    database: Database, before: dict[str, Filters], later: dict[str, Filters], directory: Directory,
    bus: list[Facts],
) -> None:
    # Given an index of some people, refreshed after others came
    current_index = CurrentIndex(database, RULE_TYPES)
    settle(database, before)
    current_index.current()
    others = {nick: filters for nick, filters in later.items() if nick not in before}
    settle(database, others)
    refreshed = current_index.current()
    # When messages are matched with it, or with one that's loaded now
    evaluator = NaiveEvaluator({**before, **others}, directory, CATALOG)
    loaded = CurrentIndex(database, RULE_TYPES).current()
    # Then both find whom somebody finds who asks everybody everything
    for facts in bus:
        expected = sorted(evaluator.match(facts))
        assert found_in(database, refreshed, facts, directory) == expected
        assert found_in(database, loaded, facts, directory) == expected
