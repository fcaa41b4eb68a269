"""Accounts of people who sign in, on SQLite and PostgreSQL."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from fmn.errors import UserError
from fmn.infra.db import Database
from fmn.people.accounts import get_or_create_account, get_or_create_signed_in_account, set_time_zone
from fmn.people.change_log import changes_since, current_revision
from fmn.people.models import DetailValue, Preference, User
from tests.concurrency import at_once
from tests.factories.messages import NOON
from tests.factories.people import make_person

pytestmark = pytest.mark.dialects

ALICE = "alice@example.org"


def sign_in(
    database: Database, email: str | None = ALICE, *, confirmed: bool = True,
    contexts: tuple[str, ...] = ("email",),
) -> User:
    with database.transaction() as session:
        return get_or_create_signed_in_account(session, "alice", email, contexts, NOON, confirmed=confirmed)


def addresses(database: Database) -> dict[str, bool]:
    """The addresses there are, and whether each is confirmed."""
    with database.reading() as session:
        return {each.value: each.confirmed_at is not None for each in session.scalars(select(DetailValue))}


def changed(database: Database, since: int = 0) -> frozenset[int]:
    with database.reading() as session:
        return changes_since(session, since).user_ids


class TestAccounts:
    def test_are_made_once_with_every_context_switched_off(self, database: Database) -> None:
        # Given four browsers in which Alice signs in at the same time, the first time ever
        def come(_number: int) -> int:
            with database.transaction() as session:
                return get_or_create_account(session, "alice", ["email", "irc"]).id

        ids = at_once(4, come)

        assert len(set(ids)) == 1
        with database.reading() as session:
            found = session.scalars(select(Preference).order_by(Preference.context)).all()
            assert [(each.context, each.enabled, each.user_id) for each in found] == [
                ("email", False, ids[0]), ("irc", False, ids[0])]
        assert changed(database) == frozenset()

    def test_stay_as_they_are_but_for_new_contexts(self, database: Database) -> None:
        person = make_person(database, "alice")
        with database.transaction() as session:
            assert get_or_create_account(session, "alice", ["email", "irc"]).id == person.user_id
        with database.reading() as session:
            assert {each.context: each.enabled for each in session.scalars(select(Preference))} == {
                "email": True, "irc": False}


class TestTheAddressOfASignIn:
    def test_is_kept(self, database: Database) -> None:
        assert sign_in(database, confirmed=False).email == ALICE
        assert sign_in(database, None, confirmed=False).email == ALICE
        assert sign_in(database, "a@example.org", confirmed=False).email == "a@example.org"
        assert addresses(database) == {}
        assert changed(database) == frozenset()

    def test_counts_at_once_if_it_is_confirmed(self, database: Database) -> None:
        user = sign_in(database)
        assert addresses(database) == {ALICE: True}
        assert changed(database) == {user.id}

    def test_changes_nothing_the_second_time(self, database: Database) -> None:
        sign_in(database)
        with database.reading() as session:
            revision = current_revision(session)
        sign_in(database)
        assert addresses(database) == {ALICE: True}
        with database.reading() as session:
            assert current_revision(session) == revision

    def test_confirms_what_its_owner_has_typed_already(self, database: Database) -> None:
        person = make_person(database, "alice", addresses=[], unconfirmed=[ALICE])
        sign_in(database)
        assert addresses(database) == {ALICE: True}
        assert person.user_id in changed(database)

    def test_is_one_address_however_it_is_spelled(self, database: Database) -> None:
        make_person(database, "alice", addresses=["Alice@example.org"])
        sign_in(database)
        assert addresses(database) == {"Alice@example.org": True}

    def test_stays_with_whoever_confirmed_it_here(self, database: Database) -> None:
        make_person(database, "bob", addresses=[ALICE])
        make_person(database, "alice", addresses=[], unconfirmed=["a@example.org"])
        assert sign_in(database).email == ALICE
        assert addresses(database) == {ALICE: True, "a@example.org": False}

    def test_does_not_come_back_once_its_owner_has_removed_it(self, database: Database) -> None:
        person = make_person(database, "alice", addresses=[])
        sign_in(database)
        with database.transaction() as session:
            session.delete(session.scalars(select(DetailValue)).one())
        sign_in(database)
        assert addresses(database) == {}
        # but a new one does
        sign_in(database, "a@example.org")
        assert addresses(database) == {"a@example.org": True}
        assert person.user_id in changed(database)

    def test_is_kept_where_there_is_no_mail(self, database: Database) -> None:
        assert sign_in(database, contexts=("irc",)).email == ALICE
        assert addresses(database) == {}


def test_a_time_zone_is_one_that_there_is(database: Database) -> None:
    person = make_person(database, "alice")
    with database.transaction() as session:
        set_time_zone(session, session.get_one(User, person.user_id), "Europe/Berlin")
    with database.transaction() as session:
        user = session.get_one(User, person.user_id)
        for nonsense in ("Mars/Base", "", "../etc/passwd", "europe/berlin", "Europe"):
            with pytest.raises(UserError, match="There is no such time zone"):
                set_time_zone(session, user, nonsense)
        assert user.time_zone == "Europe/Berlin"
