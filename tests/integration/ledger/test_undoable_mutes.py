"""Undo of mutes, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from fmn.filters.models import Mute, MuteKind
from fmn.filters.mutes import MuteRequest, mute
from fmn.infra.db import Database
from fmn.ledger.inbox_undo import take_change
from fmn.ledger.undoable_mutes import mute_undoably, undo_mutes, unmute_undoably
from tests.factories.inboxes import InboxOwner, make_inbox_owner
from tests.factories.messages import NOON

pytestmark = pytest.mark.dialects

WEEK = NOON + timedelta(weeks=1)
MOSS, FERN = "rpms/moss", "rpms/fern"


def muted(holder: InboxOwner) -> Mapping[str, datetime | None]:
    with holder.database.reading() as session:
        return {each.value: each.until for each in session.scalars(
            select(Mute).where(Mute.user_id == holder.user_id))}


def do(holder: InboxOwner, until: datetime | None, *packages: str) -> int | None:
    with holder.database.transaction() as session:
        wishes = [MuteRequest(MuteKind.PACKAGE, each, until) for each in packages]
        return mute_undoably(session, holder.user_id, wishes, NOON)


def undo(holder: InboxOwner, undo_id: int | None, now: datetime = NOON) -> None:
    assert undo_id is not None
    with holder.database.transaction() as session:
        change = take_change(session, holder.user_id, undo_id)
        assert change is not None
        undo_mutes(session, holder.user_id, change, now)


def test_what_was_muted_before_is_muted_again(database: Database) -> None:
    alice = make_inbox_owner(database)
    do(alice, WEEK, MOSS)
    both = do(alice, None, MOSS, FERN)
    assert muted(alice) == {MOSS: None, FERN: None}
    assert do(alice, None, MOSS) is None
    undo(alice, both)
    assert muted(alice) == {MOSS: WEEK}


def test_what_was_changed_since_stays(database: Database) -> None:
    alice = make_inbox_owner(database)
    both = do(alice, None, MOSS, FERN)
    with database.transaction() as session:
        mute(session, alice.user_id, MuteKind.PACKAGE, MOSS, WEEK, NOON)
    undo(alice, both)
    assert muted(alice) == {MOSS: WEEK}


def test_what_was_unmuted_is_muted_again_unless_its_time_is_up(database: Database) -> None:
    alice, mallory = make_inbox_owner(database), make_inbox_owner(database, "mallory")
    for now, left in ((NOON, {MOSS: WEEK}), (WEEK, {})):
        do(alice, WEEK, MOSS)
        with database.transaction() as session:
            (mute_id,) = session.scalars(select(Mute.id))
            assert unmute_undoably(session, mallory.user_id, mute_id, NOON) is None
            lifted = unmute_undoably(session, alice.user_id, mute_id, NOON)
        assert muted(alice) == {}
        undo(alice, lifted, now)
        assert muted(alice) == left
