"""Which account is whose: a nick that is given anew inherits nothing, and people keep what is theirs."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from fmn.administration.account_binding import (
    OtherProviderError,
    ProviderSubject,
    SignInIdentity,
    account_for_sign_in,
    rename_account,
    trust_nick,
    unbind_accounts,
)
from fmn.administration.models import AuditEntry
from fmn.errors import OperatorError
from fmn.infra.db import Database
from fmn.people.models import DetailValue, Preference, User
from tests.factories.messages import NOON
from tests.factories.people import make_person

pytestmark = pytest.mark.dialects

ISSUER = "https://id.example.org"


def signs_in(database: Database, subject: str, nick: str, issuer: str = ISSUER) -> int:
    """Somebody signs in; returns whose account they have."""
    said = SignInIdentity(ProviderSubject(issuer, subject), nick, None, confirmed=False)
    with database.transaction() as session:
        return account_for_sign_in(session, said, ["email", "sse"], NOON).id


def nicks(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return {user.nick: user.id for user in session.scalars(select(User))}


def is_on(database: Database, user_id: int) -> bool:
    with database.reading() as session:
        return any(session.scalars(select(Preference.enabled).where(Preference.user_id == user_id)))


def test_the_first_sign_in_has_the_account_that_was_there(database: Database) -> None:
    # Given an account that messages made, or FMN 2 had, or that is older than bindings
    mary = make_person(database, "mary")
    assert signs_in(database, "1", "mary") == mary.user_id
    assert signs_in(database, "1", "mary") == mary.user_id


def test_a_nick_that_is_given_anew_inherits_nothing(database: Database) -> None:
    # Given Mary, who signed in, and left the project
    mary = make_person(database, "mary")
    signs_in(database, "1", "mary")
    # When somebody else gets her nick, and signs in
    other = signs_in(database, "2", "mary")
    # Then they have an account of their own, with nothing of hers
    assert nicks(database) == {"mary (former)": mary.user_id, "mary": other}
    assert not is_on(database, other)
    # And hers is sent nothing, and an administrator sees why
    assert not is_on(database, mary.user_id)
    with database.reading() as session:
        assert session.get_one(User, other).succeeds
        entries = {each.action: each for each in session.scalars(select(AuditEntry))}
        assert entries["nick given to somebody else"].subject == "mary"
        assert entries["nick given to somebody else"].details == {"former": "mary (former)"}
        # What is the account itself as an address is called as the account is
        assert set(session.scalars(
            select(DetailValue.value).join(Preference).where(Preference.context == "sse"))) == {
                "mary", "mary (former)"}
    # Whoever comes third is again somebody else
    third = signs_in(database, "3", "mary")
    assert nicks(database) == {"mary (former)": mary.user_id, "mary (former 2)": other, "mary": third}


def test_whoever_is_called_otherwise_keeps_their_account(database: Database) -> None:
    mary = make_person(database, "mary")
    signs_in(database, "1", "mary")
    assert signs_in(database, "1", "maria") == mary.user_id
    assert nicks(database) == {"maria": mary.user_id}
    assert is_on(database, mary.user_id)
    # Then the old nick is free, for somebody who inherits nothing
    assert signs_in(database, "2", "mary") != mary.user_id


def test_whoever_made_room_finds_their_account_again_under_their_new_name(database: Database) -> None:
    mary = make_person(database, "mary")
    signs_in(database, "1", "mary")
    signs_in(database, "2", "mary")
    assert signs_in(database, "1", "maria") == mary.user_id
    assert nicks(database)["maria"] == mary.user_id


def test_two_who_swap_their_nicks_keep_what_is_theirs(database: Database) -> None:
    mary, tom = make_person(database, "mary"), make_person(database, "tom")
    signs_in(database, "1", "mary")
    signs_in(database, "2", "tom")
    assert signs_in(database, "1", "tom") == mary.user_id
    assert signs_in(database, "2", "mary") == tom.user_id
    assert nicks(database) == {"tom": mary.user_id, "mary": tom.user_id}


def test_a_nick_of_an_account_that_nobody_signed_in_to_is_not_taken_by_whoever_has_another(
    database: Database,
) -> None:
    mary, maria = make_person(database, "mary"), make_person(database, "maria")
    signs_in(database, "1", "mary")
    assert signs_in(database, "1", "maria") == mary.user_id
    assert nicks(database) == {"mary": mary.user_id, "maria": maria.user_id}


def test_another_provider_inherits_nothing_unless_an_administrator_says_so(database: Database) -> None:
    mary = make_person(database, "mary")
    signs_in(database, "1", "mary")
    with pytest.raises(OtherProviderError):
        signs_in(database, "1", "mary", "https://other.example.org")
    with database.transaction() as session:
        assert unbind_accounts(session, "root", None) == 1
    assert signs_in(database, "7", "mary", "https://other.example.org") == mary.user_id


def test_an_administrator_moves_accounts(database: Database) -> None:
    mary = make_person(database, "mary")
    signs_in(database, "1", "mary")
    other = signs_in(database, "2", "mary")
    with database.transaction() as session:
        rename_account(session, "root", "mary (former)", "mary.old")
        trust_nick(session, "root", "mary")
    assert nicks(database) == {"mary.old": mary.user_id, "mary": other}
    with database.reading() as session:
        assert not session.get_one(User, other).succeeds
    for nick, new in (("nobody", "free"), ("mary", "mary.old"), ("mary", "no nick")):
        with database.transaction() as session, pytest.raises(OperatorError):
            rename_account(session, "root", nick, new)
