"""Mutes: event types, packages and threads that a user gets no notifications about.

They are read when a message is recorded, so they apply to the next message without a change of the index.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, CursorResult, bindparam, delete, or_, select, update
from sqlalchemy.orm import Session

from fmn.catalog import Facts, Package
from fmn.errors import UserError
from fmn.filters.models import Mute, MuteKind
from fmn.infra.db import Base, insert_new
from fmn.localized import number_text
from fmn.people.models import User
from fmn.translations import gettext

#: Mutes of one user. All of them are read whenever a message concerns them.
MAX_MUTES: Final = 1_000
#: Characters that a value may have.
MAX_VALUE_LENGTH: Final = 500
#: Ends after everything else does.
_FOR_EVER: Final = datetime.max.replace(tzinfo=UTC)

#: Says what thread a message belongs to; asked only if somebody muted one.
ThreadOf = Callable[[], str]


class ActiveMute(NamedTuple):
    """The mute that keeps a message from a user: what it's about, and until when, ``None`` for ever."""

    kind: MuteKind
    value: str
    until: datetime | None


class UserMutes:
    """All mutes of one user."""

    def __init__(self, mutes: Iterable[tuple[str, str, datetime | None]]) -> None:
        self._until: defaultdict[str, dict[str, datetime]] = defaultdict(dict)
        for kind, value, until in mutes:
            self._until[kind][value] = until or _FOR_EVER

    def active_mute(self, facts: Facts, thread_of: ThreadOf) -> ActiveMute | None:
        """The mute that keeps a message from its owner, ``None`` if none does; of several the longest.

        A message about several packages is muted only if all of these are.
        """
        ends = [
            (kind, value, until)
            for kind, value in self._named(facts, thread_of)
            if (until := self._until[kind].get(value))
        ]
        packages = [self._package(package) for package in facts.packages]
        if packages and all(packages):
            ends.append(min(filter(None, packages), key=_end))
        if not ends:
            return None
        kind, value, until = max(ends, key=_end)
        return ActiveMute(kind, value, None if until == _FOR_EVER else until)

    def _named(self, facts: Facts, thread_of: ThreadOf) -> Iterable[tuple[MuteKind, str]]:
        yield MuteKind.EVENT, facts.event.name
        if self._until[MuteKind.THREAD]:
            yield MuteKind.THREAD, thread_of()

    def _package(self, package: Package) -> tuple[MuteKind, str, datetime] | None:
        """The longest mute of a package. A name without a namespace stands for any namespace."""
        muted = self._until[MuteKind.PACKAGE]
        names = {str(package), package.name} if package.namespace else {
            name for name in muted if name.rpartition("/")[2] == package.name}
        ends = [(MuteKind.PACKAGE, name, muted[name]) for name in names if name in muted]
        return max(ends, key=_end, default=None)


def _end(silence: tuple[MuteKind, str, datetime]) -> datetime:
    return silence[2]


class MuteRequest(NamedTuple):
    """A mute to save; ``until`` is ``None`` for ever."""

    kind: MuteKind
    value: str
    until: datetime | None


def mute(
    session: Session, user_id: int, kind: MuteKind, value: str, until: datetime | None, now: datetime,
) -> Mute:
    """Mute something for a user until a moment, ``None`` for ever. A mute that exists gets the new end.

    Raises :class:`~fmn.errors.UserError`.
    """
    mute_all(session, user_id, [MuteRequest(kind, value, until)], now)
    mine = (Mute.user_id == user_id, Mute.kind == kind, Mute.value == value)
    return session.scalars(select(Mute).where(*mine).execution_options(populate_existing=True)).one()


def mute_all(session: Session, user_id: int, wishes: Sequence[MuteRequest], now: datetime) -> None:
    """Mute several things, in as many statements as one takes. Raises :class:`~fmn.errors.UserError`."""
    for _, value, until in wishes:
        if not value or len(value) > MAX_VALUE_LENGTH:
            raise UserError(gettext("There’s nothing of that kind here that can be muted."))
        if until is not None and until <= now:
            raise UserError(gettext("That time has passed: say one to come."))
    if not wishes:
        return
    # Of two requests at once, the second has to see what the first one added.
    session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))
    there = {(row.kind, row.value): row for row in session.execute(
        select(Mute.id, Mute.kind, Mute.value).where(Mute.user_id == user_id))}
    new = {(wish.kind, wish.value): wish for wish in wishes}
    added = [wish for key, wish in new.items() if key not in there]
    if len(there) + len(added) > MAX_MUTES:
        raise UserError(gettext(
            "You have muted {number} things. Lift some of them, or change your filters.",
        ).format(number=number_text(MAX_MUTES)))
    insert_new(session, Mute, [
        {"user_id": user_id, "kind": kind, "value": value, "until": until, "created_at": now}
        for kind, value, until in added])
    if changed := [{"id": there[key].id, "until": wish.until} for key, wish in new.items() if key in there]:
        session.execute(update(Mute), changed)


def unmute_all(session: Session, user_id: int, mute_ids: Sequence[int]) -> None:
    """Delete several mutes of a user."""
    session.execute(delete(Mute).where(Mute.id.in_(mute_ids), Mute.user_id == user_id))


def unmute(session: Session, user_id: int, mute_id: int) -> bool:
    """Delete a mute of a user. Returns false if there's no such mute."""
    result = session.execute(delete(Mute).where(Mute.id == mute_id, Mute.user_id == user_id))
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def mutes_of(session: Session, user_id: int, now: datetime) -> Sequence[Mute]:
    """The mutes of a user that haven't expired, the latest first."""
    return session.scalars(
        select(Mute).where(Mute.user_id == user_id, _lasts(now)).order_by(Mute.id.desc())).all()


_TABLE: Final = Base.metadata.tables[Mute.__tablename__]
#: Made once, of the table: making a statement of a model's attributes takes longer than running it.
_MUTES_OF_USERS: Final = (
    select(_TABLE.c.user_id, _TABLE.c.kind, _TABLE.c.value, _TABLE.c.until)
    .where(_TABLE.c.user_id.in_(bindparam("user_ids", expanding=True)),
           or_(_TABLE.c.until.is_(None), _TABLE.c.until > bindparam("now"))))


def mutes_by_user(session: Session, user_ids: Iterable[int], now: datetime) -> Mapping[int, UserMutes]:
    """The mutes of these users, by user id. Users without any are left out."""
    rows = session.execute(_MUTES_OF_USERS, {"user_ids": list(user_ids), "now": now})
    found: defaultdict[int, list[tuple[str, str, datetime | None]]] = defaultdict(list)
    for user_id, kind, value, until in rows:
        found[user_id].append((kind, value, until))
    return {user_id: UserMutes(muted) for user_id, muted in found.items()}


def delete_expired_mutes(session: Session, now: datetime, most: int) -> int:
    """Delete up to ``most`` expired mutes. Returns how many."""
    over = select(Mute.id).where(Mute.until <= now).order_by(Mute.until).limit(most)
    return len(session.scalars(delete(Mute).where(Mute.id.in_(over)).returning(Mute.id)).all())


def _lasts(now: datetime) -> ColumnElement[bool]:
    return or_(Mute.until.is_(None), Mute.until > now)
