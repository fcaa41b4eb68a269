"""Groups of an inbox beyond a page: how many notifications a thread, a package or a day has, and which.

Threads and packages are found by indexes of messages, days by their place in the inbox. Counting stops at a
bound, so that a page costs the same whatever is in a group.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Select, Subquery, Text, and_, func, or_, select, true, type_coerce
from sqlalchemy.orm import Session

from fmn.infra.sql_functions import first_string
from fmn.ledger.inbox import inbox_slice, preference_ids
from fmn.ledger.inbox_filter import InboxFilter, branches, conditions, within_time
from fmn.ledger.inbox_paging import PagePosition
from fmn.ledger.models import Notification, StoredMessage
from fmn.ledger.name_indexes import may_have_name

#: Notifications of all groups of a page that are counted, and those of a day beyond the page.
MAX_COUNTED: Final = 10_000
MAX_BEYOND: Final = 1_000
_LARGEST: Final = 2**63
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
    """The counts of the groups with these keys, as far as :data:`MAX_COUNTED` goes for all of them."""
    among = _among(session, user_id, now, wanted, by, keys, MAX_COUNTED) if keys else None
    if among is None:
        return {}
    fits = and_(true(), *conditions(wanted, among))
    found = select(among.c.key, func.count().filter(fits), func.max(among.c.id).filter(fits), func.count())
    if wanted.reads_messages:
        found = found.join(StoredMessage, StoredMessage.id == among.c.message_id)
    rows = session.execute(found.group_by(among.c.key)).all()
    more = sum(counted for *_, counted in rows) >= MAX_COUNTED
    spelt = {_stored(by, each): each for each in keys}
    return {
        spelt[str(key)]: GroupCount(total, newest, more) for key, total, newest, _ in rows if total}


def members(
    session: Session, user_id: int, now: datetime, wanted: InboxFilter, group: InboxGroup, newest_id: int,
) -> Select[int] | None:
    """Ids of a group's notifications up to one, the newest first; ``None`` if there can't be any."""
    among = _among(session, user_id, now, wanted, group.by, [group.key], None, newest_id)
    if among is None:
        return None
    found = select(among.c.id)
    if wanted.reads_messages:
        found = found.join(StoredMessage, StoredMessage.id == among.c.message_id)
    return found.where(*conditions(wanted, among)).order_by(among.c.id.desc())


def _among(
    session: Session, user_id: int, now: datetime, wanted: InboxFilter, by: GroupedBy, keys: Collection[str],
    most: int | None, newest_id: int = _LARGEST - 1,
) -> Subquery | None:
    """The notifications of some groups that are in the filter's places and times, with their keys."""
    own, places = preference_ids(session, user_id, wanted), list(branches(wanted, now))
    if not own or not places:
        return None
    return (
        select(Notification.id, Notification.message_id, Notification.filter_id, Notification.batched,
               Notification.digest_id, Notification.created_at, _KEYS[by].label("key"))
        .join(StoredMessage, StoredMessage.id == Notification.message_id)
        .where(Notification.preference_id.in_(own), Notification.id <= newest_id, or_(*places),
               *within_time(wanted), _has_key(by, keys))
        .limit(most).subquery())


_KEYS: Final[Mapping[GroupedBy, ColumnElement[int] | ColumnElement[str]]] = {
    GroupedBy.THREAD: type_coerce(StoredMessage.thread_key, StoredMessage.thread_key.type),
    GroupedBy.PACKAGE: _FIRST_PACKAGE}


def _has_key(by: GroupedBy, keys: Collection[str]) -> ColumnElement[bool]:
    if by is GroupedBy.THREAD:
        return StoredMessage.thread_key.in_(sorted(map(int, keys)))
    return and_(
        may_have_name("packages", [_in_json(each) for each in keys]),
        _FIRST_PACKAGE.in_(sorted(_stored(by, each) for each in keys)))


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
