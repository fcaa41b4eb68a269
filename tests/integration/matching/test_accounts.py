"""Making accounts and giving them filters, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import NoResultFound

from fmn.filters.account_creation import create_user
from fmn.filters.default_filters import default_filters
from fmn.filters.editing import add_filter, remove_filter, set_filter_enabled
from fmn.filters.expressions import ME, All, Expression, Not, Rule
from fmn.filters.models import Filter, StoredExpression
from fmn.filters.rule_types import rule_types
from fmn.filters.spec import FilterSpec
from fmn.infra.db import Base, Database
from fmn.people.change_log import changes_since, current_revision
from fmn.people.models import DetailValue, Preference, PreferenceChange, User
from fmn.people.preferences import set_enabled
from tests.concurrency import at_once

pytestmark = pytest.mark.dialects

CONTEXTS: Mapping[str, Sequence[str]] = {"email": ["alice@example.org"], "irc": []}


def named(nick: str) -> Expression:
    return Rule.of("user_filter", {"fasnick": nick})


def rows(database: Database, table: type[Base]) -> int:
    with database.transaction() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def create(
    database: Database, nick: str, filters: Mapping[str, Expression], contexts: Sequence[str] = ("email",),
) -> bool:
    """Make an account; whether it's new."""
    with database.transaction() as session:
        return create_user(session, nick, dict.fromkeys(contexts, ()), filters) is not None


def add(database: Database, nick: str, name: str, expression: Expression) -> Filter:
    with database.transaction() as session:
        return add_filter(
            session, preference_of(database, nick), FilterSpec(name=name, expression=expression))


def preference_of(database: Database, nick: str) -> Preference:
    with database.transaction() as session:
        preference = session.scalars(select(Preference).join(User).where(User.nick == nick)).one()
        assert preference.user.nick == nick
        return preference


def filters_of(database: Database, nick: str, context: str = "email") -> list[tuple[str, Expression]]:
    with database.transaction() as session:
        found = session.scalars(
            select(Filter).join(Preference, Preference.id == Filter.preference_id).join(User)
            .where(User.nick == nick, Preference.context == context).order_by(Filter.position))
        return [(each.name, each.stored.expression) for each in found]


def changed_since(database: Database, revision: int) -> frozenset[int]:
    with database.transaction() as session:
        return changes_since(session, revision).user_ids


class TestANewAccount:
    def test_has_its_filters_in_every_context_and_its_confirmed_addresses(self, database: Database) -> None:
        filters = default_filters(rule_types())
        with database.transaction() as session:
            alice = create_user(session, "alice", CONTEXTS, filters)
            assert alice is not None

        for context in CONTEXTS:
            assert filters_of(database, "alice", context) == list(filters.items())
        with database.transaction() as session:
            (address,) = session.scalars(select(DetailValue))
            assert (address.value, address.preference.context) == ("alice@example.org", "email")
            assert address.confirmed_at is not None

    def test_is_one_change(self, database: Database) -> None:
        create(database, "alice", default_filters(rule_types()), ["email", "irc", "sse"])

        assert rows(database, PreferenceChange) == 1

    def test_shares_what_its_filters_ask_with_everybody(self, database: Database) -> None:
        for number in range(20):
            nick = f"person{number}"
            create(database, nick, {"mine": All((named(nick), Not(Rule("koji_tag"))))})

        assert rows(database, Filter) == 20
        assert rows(database, StoredExpression) == 1
        assert filters_of(database, "person7") == [("mine", All((named(ME), Not(Rule("koji_tag")))))]

    def test_leaves_an_account_of_that_name_as_it_was(self, database: Database) -> None:
        assert create(database, "alice", {"mine": named(ME)})

        assert not create(database, "alice", {"other": named("bob")}, ["email", "irc"])

        assert filters_of(database, "alice") == [("mine", named(ME))]
        assert rows(database, Preference) == 1
        assert rows(database, PreferenceChange) == 1

    def test_is_made_once_by_many_at_once(self, database: Database) -> None:
        # Given many who make the same accounts, with the same filters, in opposite orders
        def act(number: int) -> int:
            nicks = ["alice", "bob", "carol", "dave"]
            with database.transaction() as session:
                return sum(
                    create_user(session, nick, CONTEXTS, default_filters(rule_types())) is not None
                    for nick in (nicks if number % 2 else reversed(nicks)))
        # When they do at the same time, then nobody fails and each account is there once
        assert sum(at_once(8, act)) == rows(database, User) == 4
        assert rows(database, StoredExpression) == len(default_filters(rule_types()))


class TestAFilter:
    def test_comes_after_those_that_are_there(self, database: Database) -> None:
        create(database, "alice", {"first": named("bob")})

        add(database, "alice", "second", named("carol"))
        add(database, "alice", "third", named("alice"))

        assert filters_of(database, "alice") == [
            ("first", named("bob")), ("second", named("carol")), ("third", named(ME))]

    def test_has_a_place_of_its_own_when_many_are_added_at_once(self, database: Database) -> None:
        create(database, "alice", {})

        at_once(8, lambda number: add(database, "alice", f"{number}", named(f"person{number % 3}")))

        with database.transaction() as session:
            assert sorted(session.scalars(select(Filter.position))) == list(range(8))
        assert rows(database, StoredExpression) == 3

    def test_can_be_removed(self, database: Database) -> None:
        create(database, "alice", {"first": named("bob"), "second": named("carol")})
        with database.transaction() as session:
            first = session.scalars(select(Filter.id).order_by(Filter.position)).first() or 0
            before = current_revision(session)

        with database.transaction() as session:
            remove_filter(session, first)

        assert filters_of(database, "alice") == [("second", named("carol"))]
        assert changed_since(database, before) == {preference_of(database, "alice").user_id}

    def test_that_is_not_there_cannot_be_removed(self, database: Database) -> None:
        with database.transaction() as session, pytest.raises(NoResultFound):
            remove_filter(session, 4711)

    def test_can_be_switched_off_and_on_which_is_a_change_the_first_time(self, database: Database) -> None:
        create(database, "alice", {"mine": named(ME)})
        for enabled in (False, True):
            for first in (True, False):
                with database.transaction() as session:
                    mine = session.scalars(select(Filter)).one()
                    before = current_revision(session)
                    assert set_filter_enabled(session, mine.id, enabled=enabled) is first
                with database.transaction() as session:
                    assert session.scalars(select(Filter.enabled)).one() is enabled
                changed = {preference_of(database, "alice").user_id} if first else set()
                assert changed_since(database, before) == changed

    def test_that_is_not_there_cannot_be_switched(self, database: Database) -> None:
        with database.transaction() as session, pytest.raises(NoResultFound):
            set_filter_enabled(session, 4711, enabled=False)


def test_switching_a_context_is_a_change(database: Database) -> None:
    create(database, "alice", {"mine": named(ME)})
    with database.transaction() as session:
        preference = session.scalars(select(Preference)).one()
        set_enabled(session, preference, on=False)

    assert not preference_of(database, "alice").enabled
    assert changed_since(database, 1) == {preference.user_id}
