"""API tokens in the database, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from fmn.errors import UserError
from fmn.infra.db import Database
from fmn.people.accounts import get_or_create_account
from fmn.people.api_tokens import (
    API_PREFIX,
    LAST_USED_PRECISION,
    MAX_TOKENS,
    TokenOwner,
    create_token,
    find_token,
    is_use_due,
    revoke_token,
    tokens_of,
    update_last_used,
)
from fmn.people.models import ApiToken
from tests.concurrency import at_once
from tests.factories.messages import NOON

pytestmark = pytest.mark.dialects


def person(database: Database, nick: str) -> int:
    with database.transaction() as session:
        return get_or_create_account(session, nick, ["email"]).id


def make(
    database: Database, user_id: int, name: str = "laptop", *, expires_at: datetime | None = None,
) -> tuple[int, str]:
    """A token's id, and what it is."""
    with database.transaction() as session:
        row, token = create_token(session, user_id, name, ["write", "read"], expires_at)
        return row.id, token


def found(database: Database, token: str, now: datetime = NOON) -> TokenOwner | None:
    with database.reading() as session:
        return find_token(session, token, now)


def names(database: Database, user_id: int) -> list[str]:
    with database.reading() as session:
        return [row.name for row in tokens_of(session, user_id)]


def test_a_token_stands_for_its_owner_within_its_scopes(database: Database) -> None:
    alice = person(database, "alice")
    token_id, token = make(database, alice)
    assert found(database, token) == TokenOwner(
        token_id, alice, "alice", frozenset({"read", "write"}), name="laptop")
    for other in (token[:-1], token + "x", token.removeprefix(API_PREFIX), "", API_PREFIX, "\udcff"):
        assert found(database, other) is None


def test_a_token_is_kept_nowhere(database: Database) -> None:
    _, token = make(database, person(database, "alice"))
    with database.reading() as session:
        row = session.execute(select(*ApiToken.__table__.columns)).one()
    assert token not in str(row)
    assert token.removeprefix(API_PREFIX) not in str(row)


def test_a_token_ends_when_it_expires(database: Database) -> None:
    _, token = make(database, person(database, "alice"), expires_at=NOON)
    assert found(database, token, NOON - timedelta(seconds=1)) is not None
    assert found(database, token, NOON) is None


def test_owners_see_and_revoke_their_own(database: Database) -> None:
    # Given tokens of Alice's, and Mallory
    alice, mallory = person(database, "alice"), person(database, "mallory")
    first, token = make(database, alice, "laptop")
    make(database, alice, "server")
    assert names(database, alice) == ["server", "laptop"]
    assert names(database, mallory) == []

    # When Mallory tries to revoke one
    with database.transaction() as session:
        assert revoke_token(session, mallory, first) is None
    assert found(database, token) is not None

    # Then only Alice can, and it's over at once
    with database.transaction() as session:
        assert revoke_token(session, alice, first) == "laptop"
    assert found(database, token) is None
    assert names(database, alice) == ["server"]


def test_a_name_is_used_once(database: Database) -> None:
    alice, bob = person(database, "alice"), person(database, "bob")
    make(database, alice, "laptop")
    with pytest.raises(UserError, match="“laptop” already"):
        make(database, alice, "laptop")
    make(database, bob, "laptop")
    assert names(database, alice) == ["laptop"]


def test_a_form_sent_twice_makes_one_token(database: Database) -> None:
    alice = person(database, "alice")

    def send(_number: int) -> bool:
        try:
            make(database, alice)
        except UserError:
            return False
        return True

    assert sorted(at_once(4, send)) == [False, False, False, True]
    assert names(database, alice) == ["laptop"]


def test_nobody_has_more_by_making_them_in_many_windows_at_once(postgresql_database: Database) -> None:
    alice = person(postgresql_database, "alice")
    for number in range(MAX_TOKENS - 1):
        make(postgresql_database, alice, str(number))

    def make_one(number: int) -> bool:
        try:
            make(postgresql_database, alice, f"more {number}")
        except UserError:
            return False
        return True

    assert sorted(at_once(4, make_one)) == [False, False, False, True]


def test_nobody_has_more_than_enough(database: Database) -> None:
    alice = person(database, "alice")
    with database.transaction() as session:
        for number in range(MAX_TOKENS):
            create_token(session, alice, str(number), ["read"], None)
        with pytest.raises(UserError, match=f"{MAX_TOKENS} tokens, which is the most"):
            create_token(session, alice, "one more", ["read"], None)


def test_the_last_use_is_noted_now_and_then(database: Database) -> None:
    # Given a token that wasn't used yet
    token_id, token = make(database, person(database, "alice"))
    owner = found(database, token)
    assert owner is not None
    assert is_use_due(owner, NOON)

    # When its use is noted
    with database.transaction() as session:
        update_last_used(session, token_id, NOON)
    owner = found(database, token)
    assert owner is not None
    assert owner.last_used_at == NOON

    # Then it isn't again until some time has passed
    assert not is_use_due(owner, NOON + LAST_USED_PRECISION - timedelta(seconds=1))
    assert is_use_due(owner, NOON + LAST_USED_PRECISION)
