"""Muting, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.errors import UserError
from fmn.filters import mutes
from fmn.filters.models import Mute, MuteKind
from fmn.filters.mutes import delete_expired_mutes, mute, mutes_by_user, mutes_of, unmute
from fmn.infra.db import Database
from tests.concurrency import at_once
from tests.factories.messages import NOON
from tests.factories.people import make_person

pytestmark = pytest.mark.dialects

A_WEEK = NOON + timedelta(days=7)


@pytest.fixture
def alice(database: Database) -> int:
    return make_person(database).user_id


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as session:
        yield session


def muted(session: Session, user_id: int, now: datetime = NOON) -> list[tuple[str, datetime | None]]:
    return [(one.value, one.until) for one in mutes_of(session, user_id, now)]


def test_what_is_muted_is_listed_the_latest_first_until_it_ends(session: Session, alice: int) -> None:
    mute(session, alice, MuteKind.PACKAGE, "rpms/php", A_WEEK, NOON)
    mute(session, alice, MuteKind.EVENT, "git_receive", None, NOON)
    assert muted(session, alice) == [("git_receive", None), ("rpms/php", A_WEEK)]
    assert muted(session, alice, A_WEEK) == [("git_receive", None)]


def test_muting_again_sets_another_end(session: Session, alice: int) -> None:
    first = mute(session, alice, MuteKind.PACKAGE, "rpms/php", A_WEEK, NOON)
    again = mute(session, alice, MuteKind.PACKAGE, "rpms/php", None, NOON)
    assert (again.id, again.until) == (first.id, None)
    assert muted(session, alice) == [("rpms/php", None)]


def test_what_is_lifted_is_heard_again_and_only_its_owner_can_do_that(database: Database) -> None:
    alice, mallory = (make_person(database, nick).user_id for nick in ("alice", "mallory"))
    with database.transaction() as session:
        kept = mute(session, alice, MuteKind.PACKAGE, "rpms/php", None, NOON)
        assert not unmute(session, mallory, kept.id)
        assert muted(session, alice) == [("rpms/php", None)]
        assert unmute(session, alice, kept.id)
        assert not unmute(session, alice, kept.id)
        assert muted(session, alice) == []


@pytest.mark.parametrize(("value", "until", "problem"), [
    ("", None, "There’s nothing of that kind here that can be muted."),
    ("https://example.org/" + "x" * 500, None, "There’s nothing of that kind here that can be muted."),
    ("https://example.org/1", NOON, "That time has passed: say one to come."),
])
def test_what_cannot_be_muted_says_why(
    session: Session, alice: int, value: str, until: datetime | None, problem: str,
) -> None:
    with pytest.raises(UserError) as raised:
        mute(session, alice, MuteKind.THREAD, value, until, NOON)
    assert str(raised.value) == problem


def test_nobody_can_mute_so_much_that_others_have_to_wait(
    session: Session, alice: int, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mutes, "MAX_MUTES", 2)
    for package in ("php", "kernel", "kernel"):
        mute(session, alice, MuteKind.PACKAGE, package, None, NOON)
    with pytest.raises(UserError, match="You have muted 2 things"):
        mute(session, alice, MuteKind.PACKAGE, "moss", None, NOON)


def test_nobody_can_mute_more_in_many_windows_at_once(
    postgresql_database: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mutes, "MAX_MUTES", 2)
    user_id = make_person(postgresql_database).user_id

    def mute_one(number: int) -> bool:
        with suppress(UserError), postgresql_database.transaction() as session:
            mute(session, user_id, MuteKind.PACKAGE, f"package {number}", None, NOON)
            return True
        return False

    assert sum(at_once(8, mute_one)) == 2
    with postgresql_database.reading() as session:
        assert len(muted(session, user_id)) == 2


def test_what_has_ended_is_forgotten(session: Session, alice: int) -> None:
    mute(session, alice, MuteKind.PACKAGE, "rpms/php", A_WEEK, NOON)
    mute(session, alice, MuteKind.EVENT, "git_receive", None, NOON)
    assert list(mutes_by_user(session, [alice], A_WEEK)) == [alice]
    delete_expired_mutes(session, A_WEEK, 100)
    assert session.scalars(select(Mute.value)).all() == ["git_receive"]
