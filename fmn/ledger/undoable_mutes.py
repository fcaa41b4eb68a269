"""Mutes that can be undone: what was muted before is kept, as other changes of an inbox are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.filters.models import Mute, MuteKind
from fmn.filters.mutes import MuteRequest, mute_all, unmute_all
from fmn.ledger.inbox_undo import Change, lock_user, save_change

#: What undoes a mute, or its end, is of this kind.
MUTED: Final = "mute"

_ForJson = tuple[str, str, str | None]


def mute_undoably(
    session: Session, user_id: int, wishes: Sequence[MuteRequest], now: datetime,
) -> int | None:
    """Mute several things. Returns the undo's id; ``None`` if all of it was muted until then already.

    Raises :class:`~fmn.errors.UserError`.
    """
    lock_user(session, user_id)
    wanted = {(wish.kind, wish.value) for wish in wishes}
    before = [each for each in _mutes(session, user_id) if (each.kind, each.value) in wanted]
    kept = [_for_json(each.kind, each.value, each.until) for each in before]
    mute_all(session, user_id, wishes, now)
    after = [_for_json(*wish) for wish in wishes]
    if set(kept) == set(after):
        return None
    return save_change(session, user_id, {"kind": MUTED, "before": kept, "after": after}, now)


def unmute_undoably(session: Session, user_id: int, mute_id: int, now: datetime) -> int | None:
    """Delete a mute. Returns the undo's id; ``None`` if the user has no such mute."""
    lock_user(session, user_id)
    found = [each for each in _mutes(session, user_id) if each.id == mute_id]
    if not found:
        return None
    kept = [_for_json(each.kind, each.value, each.until) for each in found]
    unmute_all(session, user_id, [mute_id])
    return save_change(session, user_id, {"kind": MUTED, "before": kept, "after": []}, now)


def undo_mutes(session: Session, user_id: int, change: Change, now: datetime) -> None:
    """Mute what was muted before a change, and unmute what wasn't, unless its end was changed since.

    Raises :class:`~fmn.errors.UserError` if there's no room.
    """
    before = {(kind, value): until for kind, value, until in change["before"]}
    after = {(kind, value): until for kind, value, until in change["after"]}
    there = {(each.kind, each.value): each for each in _mutes(session, user_id)}
    same = {key for key, until in after.items() if key in there and _iso(there[key].until) == until}
    unmute_all(session, user_id, [there[key].id for key in same if key not in before])
    again = [
        MuteRequest(MuteKind(kind), value, datetime.fromisoformat(until) if until else None)
        for (kind, value), until in before.items() if (kind, value) in same or (kind, value) not in there]
    mute_all(session, user_id, [each for each in again if each.until is None or each.until > now], now)


def _mutes(session: Session, user_id: int) -> Sequence[Mute]:
    return session.scalars(
        select(Mute).where(Mute.user_id == user_id).execution_options(populate_existing=True)).all()


def _for_json(kind: str, value: str, until: datetime | None) -> _ForJson:
    return kind, value, _iso(until)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
