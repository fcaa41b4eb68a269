"""Groups of an inbox beyond a page: how many notifications a thread, a package or a day has, and which.

They are counted among the newest notifications of the inbox, so that a page costs the same whatever is in a
group. All of a thread or package is found by indexes of messages.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Select, Subquery, Text, or_, select, type_coerce
from sqlalchemy.orm import Session

from fmn.infra.sql_functions import first_string
from fmn.ledger.inbox import inbox_slice, preference_ids
from fmn.ledger.inbox_filter import InboxFilter, branches, conditions, within_time
from fmn.ledger.inbox_paging import FIRST, PagePosition
from fmn.ledger.models import Notification, StoredMessage
from fmn.ledger.name_indexes import may_have_name

#: Notifications among which groups are counted, and those beyond a page that may be of its day.
MAX_COUNTED: Final = 1_000
MAX_BEYOND: Final = 500
_FIRST_PACKAGE: Final = first_string(type_coerce(StoredMessage.packages, Text))


class GroupedBy(StrEnum):
    """What groups are of, besides days: a thread's key, or a message's first package."""

    THREAD = auto()
    PACKAGE = auto()


class GroupCount(NamedTuple):
    """Number of a group's notifications, at least if there are ``more``, and the id of the newest."""

    total: int
    newest: int = 0
    more: bool = False


@dataclass(frozen=True)
class InboxGroup:
    """Notifications about one thread or package, named by its key."""

    by: GroupedBy
    key: str


def count_groups(
    session: Session, user_id: int, now: datetime, wanted: InboxFilter, by: GroupedBy, keys: Collection[str],
) -> Mapping[str, GroupCount]:
    """The counts of the groups with these keys among the newest :data:`MAX_COUNTED` notifications.

    If there are older ones, each of the keys has a count, even if it's zero.
    """
    found = inbox_slice(session, user_id, now, wanted, FIRST, MAX_COUNTED) if keys else None
    if found is None:
        return {}
    spelt = {_stored(by, each): each for each in keys}
    rows = session.execute(found.grouped(_KEYS[by], _values(by, spelt))).all()
    more = sum(looked_at for *_, looked_at in rows) >= MAX_COUNTED
    counts = dict.fromkeys(keys, GroupCount(0, more=True)) if more else {}
    return counts | {
        spelt[str(key)]: GroupCount(total, newest, more)
        for key, total, newest, _ in rows if total and key is not None}


def members(
    session: Session, user_id: int, now: datetime, wanted: InboxFilter, group: InboxGroup, newest_id: int,
) -> Select[int] | None:
    """Ids of a group's notifications up to one, the newest first; ``None`` if there can't be any."""
    among = _among(session, user_id, now, wanted, group, newest_id)
    if among is None:
        return None
    found = select(among.c.id)
    if wanted.reads_messages:
        found = found.join(StoredMessage, StoredMessage.id == among.c.message_id)
    return found.where(*conditions(wanted, among)).order_by(among.c.id.desc())


def _among(
    session: Session, user_id: int, now: datetime, wanted: InboxFilter, group: InboxGroup, newest_id: int,
) -> Subquery | None:
    """The notifications of a group up to one that are in the filter's places and times."""
    own, places = preference_ids(session, user_id, wanted), list(branches(wanted, now))
    if not own or not places:
        return None
    return (
        select(Notification.id, Notification.message_id, Notification.filter_id, Notification.batched,
               Notification.digest_id, Notification.created_at)
        .join(StoredMessage, StoredMessage.id == Notification.message_id)
        .where(Notification.preference_id.in_(own), Notification.id <= newest_id, or_(*places),
               *within_time(wanted), *_has_key(group))
        .subquery())


_KEYS: Final[Mapping[GroupedBy, ColumnElement[int] | ColumnElement[str]]] = {
    GroupedBy.THREAD: type_coerce(StoredMessage.thread_key, StoredMessage.thread_key.type),
    GroupedBy.PACKAGE: _FIRST_PACKAGE}


def _has_key(group: InboxGroup) -> Iterator[ColumnElement[bool]]:
    if group.by is GroupedBy.PACKAGE:
        yield may_have_name("packages", [_in_json(group.key)])
    yield _KEYS[group.by].in_(_values(group.by, [_stored(group.by, group.key)]))


def _values(by: GroupedBy, stored: Iterable[str]) -> Sequence[int] | Sequence[str]:
    return sorted(map(int, stored)) if by is GroupedBy.THREAD else sorted(stored)


def _stored(by: GroupedBy, key: str) -> str:
    """A key as SQL reads it: a package's name as JSON writes it, up to what would end it."""
    return _in_json(key).partition('"')[0] if by is GroupedBy.PACKAGE else key


def _in_json(name: str) -> str:
    return json.dumps(name)[1:-1]


def count_beyond(
    session: Session, user_id: int, now: datetime, wanted: InboxFilter, place: PagePosition,
    since: datetime, until: datetime,
) -> GroupCount:
    """Number of a day's notifications on one side of a page, which its ``place`` says.

    No further than :data:`MAX_BEYOND` are looked at.
    """
    found = inbox_slice(session, user_id, now, wanted, place, MAX_BEYOND)
    if found is None:
        return GroupCount(0)
    total, looked_at = session.execute(found.counted(since, until)).one()
    return GroupCount(total, more=looked_at >= MAX_BEYOND)
