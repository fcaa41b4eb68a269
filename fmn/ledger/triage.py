"""Triage of an inbox: notifications become read, unread, done, snoozed or open again, each with its undo.

A change of some notifications keeps how each was before. One of all that a search finds may concern hundreds
of thousands: it only fills in moments that weren't there, and its undo clears those of exactly this moment.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum, auto
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from fmn.errors import UserError
from fmn.infra.column_types import UtcDateTime
from fmn.infra.db import Base
from fmn.ledger.inbox import MAX_SEARCHED, inbox_slice, preference_ids
from fmn.ledger.inbox_filter import InboxFilter, branches, is_unread, within_time
from fmn.ledger.inbox_groups import InboxGroup, members
from fmn.ledger.inbox_paging import InboxSlice, PagePosition
from fmn.ledger.inbox_undo import Change, lock_user, save_change
from fmn.ledger.models import Notification
from fmn.people.models import Preference
from fmn.translations import gettext

#: Notifications of which one change keeps how each was before.
MAX_KEPT: Final = 1_000

_TABLE: Final = Base.metadata.tables[Notification.__tablename__]
_STATE: Final = (_TABLE.c.read_at, _TABLE.c.done_at, _TABLE.c.snoozed_until)


class Action(StrEnum):
    """What is done with notifications."""

    READ = auto()
    UNREAD = auto()
    DONE = auto()
    SNOOZE = auto()
    OPEN = auto()


class TriageState(NamedTuple):
    """A notification's place in its owner's work; see :class:`~fmn.ledger.models.Notification`."""

    read_at: datetime | None = None
    done_at: datetime | None = None
    snoozed_until: datetime | None = None

    def is_snoozed(self, now: datetime) -> bool:
        """Whether it comes back later than now, unread."""
        return self.done_at is None and self.snoozed_until is not None and self.snoozed_until > now


@dataclass(frozen=True)
class TriageRequest:
    """An action at a moment; snoozing takes an end that is later."""

    action: Action
    now: datetime
    until: datetime | None = None

    def __post_init__(self) -> None:
        if self.action is Action.SNOOZE and (self.until is None or self.until <= self.now):
            raise UserError(gettext("That time has passed. Choose a later one."), "until")

    def applied_to(self, state: TriageState) -> TriageState:
        """A notification's state after the action. Doing it twice changes nothing more."""
        match self.action:
            case Action.READ:
                return state if state.is_snoozed(self.now) else state._replace(
                    read_at=state.read_at or self.now)
            case Action.UNREAD:
                return TriageState(snoozed_until=None if state.done_at else state.snoozed_until)
            case Action.DONE:
                return state._replace(read_at=state.read_at or self.now, done_at=state.done_at or self.now)
            case Action.SNOOZE:
                return TriageState(snoozed_until=self.until)
            case Action.OPEN:
                return TriageState(read_at=state.read_at)


@dataclass(frozen=True)
class Triaged:
    """Number of notifications that changed, and the undo, if any did.

    There may be ``more`` that one request didn't get to.
    """

    changed: int
    undo_id: int | None = None
    more: bool = False


def triage(
    session: Session, user_id: int, wish: TriageRequest, notification_ids: Collection[int],
) -> Triaged:
    """Change those of the notifications that are the user's, up to :data:`MAX_KEPT`."""
    lock_user(session, user_id)
    rows = session.execute(
        select(_TABLE.c.id, *_STATE)
        .where(_TABLE.c.id.in_(sorted(notification_ids)[:MAX_KEPT]), _is_own(user_id))
        .order_by(_TABLE.c.id).with_for_update()).all()
    changed = [
        (row.id, before, after) for row in rows
        if (after := wish.applied_to(before := TriageState(*row[1:]))) != before]
    if not changed:
        return Triaged(0)
    _write(session, [(each, after) for each, _before, after in changed])
    undo_id = save_change(session, user_id, {
        "kind": wish.action, "notifications": [
            [each, _to_json(before), _to_json(after)] for each, before, after in changed]}, wish.now)
    return Triaged(len(changed), undo_id)


def triage_all(
    session: Session, user_id: int, wish: TriageRequest, wanted: InboxFilter, newest_id: int, *,
    max_searched: int = MAX_SEARCHED,
) -> Triaged:
    """Change all notifications that a search finds, up to the newest that the user has been shown."""
    size = max_searched if wanted.searches else MAX_KEPT + 1
    found = inbox_slice(session, user_id, wish.now, wanted, PagePosition(before=newest_id + 1), size)
    if found is None:
        return Triaged(0)
    if wish.action not in _FILLED:
        ids = session.scalars(found.found(MAX_KEPT + 1)).all()
        done = triage(session, user_id, wish, ids[:MAX_KEPT])
        return Triaged(done.changed, done.undo_id, len(ids) > MAX_KEPT or _goes_on(session, found, wanted))
    lock_user(session, user_id)
    which: ColumnElement[bool]
    if wanted.searches:
        which = Notification.id.in_(found.found(max_searched))
    else:
        which = and_(
            Notification.preference_id.in_(preference_ids(session, user_id, wanted)),
            Notification.id <= newest_id, or_(*branches(wanted, wish.now)), *within_time(wanted))
    more = _goes_on(session, found, wanted)
    return replace(_filled(session, user_id, which, wish), more=more)


def triage_group(
    session: Session, user_id: int, wish: TriageRequest, wanted: InboxFilter, group: InboxGroup,
    newest_id: int,
) -> Triaged:
    """Change all of a thread's or package's notifications that a search finds, up to one."""
    found = members(session, user_id, wish.now, wanted, group, newest_id)
    if found is None:
        return Triaged(0)
    if wish.action not in _FILLED:
        ids = session.scalars(found.limit(MAX_KEPT + 1)).all()
        done = triage(session, user_id, wish, ids[:MAX_KEPT])
        return replace(done, more=len(ids) > MAX_KEPT)
    lock_user(session, user_id)
    return _filled(session, user_id, Notification.id.in_(found.order_by(None)), wish)


def _goes_on(session: Session, found: InboxSlice, wanted: InboxFilter) -> bool:
    """Whether there may be more than what was searched."""
    return wanted.searches and session.execute(found.edge()).one_or_none() is not None


#: The moments that an action fills in, the last one only where it isn't there.
_FILLED: Final[Mapping[Action, Sequence[InstrumentedAttribute[datetime | None]]]] = {
    Action.READ: (Notification.read_at,), Action.DONE: (Notification.read_at, Notification.done_at)}


def _filled(session: Session, user_id: int, which: ColumnElement[bool], wish: TriageRequest) -> Triaged:
    """Fill in the moments where they aren't, and keep what undoes that."""
    changed = _fill(session, which, wish)
    if not changed:
        return Triaged(0)
    undo_id = save_change(session, user_id, {"kind": wish.action, "at": wish.now.isoformat()}, wish.now)
    return Triaged(changed, undo_id)


def _fill(session: Session, which: ColumnElement[bool], wish: TriageRequest) -> int:
    columns = _FILLED[wish.action]
    missing = is_unread(wish.now) if wish.action is Action.READ else columns[-1].is_(None)
    return _update(session, (which, missing), {
        each.key: func.coalesce(each, literal(wish.now, UtcDateTime())) for each in columns})


def undo_triage(session: Session, user_id: int, change: Change) -> int:
    """Put notifications back as they were before a change, unless something else happened to them since.

    Returns how many. The caller has taken the change with :func:`~fmn.ledger.inbox_undo.take_change`.
    """
    if "at" in change:
        return _clear(session, user_id, Action(change["kind"]), datetime.fromisoformat(change["at"]))
    before = {each: (_of_json(old), _of_json(new)) for each, old, new in change["notifications"]}
    rows = session.execute(
        select(_TABLE.c.id, *_STATE).where(_TABLE.c.id.in_(sorted(before)), _is_own(user_id))
        .order_by(_TABLE.c.id).with_for_update()).all()
    same = [(row.id, before[row.id][0]) for row in rows if TriageState(*row[1:]) == before[row.id][1]]
    _write(session, same)
    return len(same)


def _clear(session: Session, user_id: int, action: Action, at: datetime) -> int:
    columns = _FILLED[action]
    which = [Notification.preference_id.in_(preference_ids(session, user_id)), columns[-1] == at]
    if action is Action.READ:  # what is done since stays read
        which.append(Notification.done_at.is_(None))
    return _update(session, which, {
        each.key: func.nullif(each, literal(at, UtcDateTime())) for each in columns})


def _update(
    session: Session, which: Sequence[ColumnElement[bool]], values: Mapping[str, ColumnElement[Any]],
) -> int:
    result = session.execute(
        update(Notification).where(*which).values(values).execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount


_WRITE: Final = update(_TABLE).where(_TABLE.c.id == bindparam("which")).values(
    {column.name: bindparam(f"new_{column.name}") for column in _STATE})


def _write(session: Session, states: Sequence[tuple[int, TriageState]]) -> None:
    if states:
        session.connection().execute(_WRITE, [
            {"which": each, **{f"new_{name}": value for name, value in state._asdict().items()}}
            for each, state in states])


def _is_own(user_id: int) -> ColumnElement[bool]:
    return _TABLE.c.preference_id.in_(select(Preference.id).where(Preference.user_id == user_id))


def _to_json(state: TriageState) -> list[str | None]:
    return [each.isoformat() if each else None for each in state]


def _of_json(kept: Sequence[str | None]) -> TriageState:
    return TriageState(*(datetime.fromisoformat(each) if each else None for each in kept))
