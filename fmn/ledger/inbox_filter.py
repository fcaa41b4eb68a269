"""Filter of an inbox, as SQL conditions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto
from typing import Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Subquery,
    Text,
    and_,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import SQLCoreOperations

from fmn.catalog import catalog
from fmn.filters.models import Filter
from fmn.infra.sql_functions import ascii_lower, position
from fmn.ledger.models import Delivery, DeliveryState, Notification, StoredMessage
from fmn.people.models import Preference


class Place(StrEnum):
    """Where a notification is: in the inbox, put off until a time, or put away."""

    OPEN = auto()
    SNOOZED = auto()
    DONE = auto()


EVERYWHERE: Final = frozenset(Place)


class Subject(StrEnum):
    """What a criterion is about."""

    FILTER = auto()
    STATE = auto()
    APPLICATION = auto()
    SEVERITY = auto()
    PACKAGE = auto()
    AGENT = auto()
    PERSON = auto()
    GROUP = auto()
    TEXT = auto()


@dataclass(frozen=True)
class Criterion:
    """One of the values has to fit, or, if it's ``negated``, none.

    Applications are categories, filters ids. A text has to occur in a message's topic, id, agent, people,
    packages or groups; case doesn't matter in ASCII.
    """

    subject: Subject
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True)
class InboxFilter:
    """The criteria of an inbox filter; those that aren't set match everything that's in a place.

    ``contexts`` is ``None`` for all. ``unread`` chooses unread or read ones. They came in at ``since`` or
    later, and earlier than ``until``.
    """

    places: frozenset[Place] = frozenset({Place.OPEN})
    unread: bool | None = None
    contexts: frozenset[str] | None = None
    without_contexts: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    criteria: tuple[Criterion, ...] = ()

    @property
    def reads_messages(self) -> bool:
        """Whether the conditions need the messages, besides the notifications."""
        return any(each.subject not in (Subject.FILTER, Subject.STATE) for each in self.criteria)

    @property
    def searches(self) -> bool:
        """Whether the notifications have to be searched one by one, since no index helps."""
        return bool(self.criteria)


#: What is in the inbox.
IN_INBOX: Final = InboxFilter()
#: What isn't, for a time or for good.
PUT_AWAY: Final = InboxFilter(places=frozenset({Place.SNOOZED, Place.DONE}))
#: Whatever is there, also what is done.
EVERYTHING: Final = InboxFilter(places=EVERYWHERE)


class FilterOption(NamedTuple):
    """A filter to choose from."""

    filter_id: int
    name: str
    context: str


def filter_options(session: Session, user_id: int) -> Sequence[FilterOption]:
    """A user's filters, by context, in the user's order."""
    rows = session.execute(
        select(Filter.id, Filter.name, Preference.context)
        .join(Preference, Preference.id == Filter.preference_id)
        .where(Preference.user_id == user_id)
        .order_by(Preference.id, Filter.position, Filter.id))
    return [FilterOption(*row) for row in rows]


def is_snoozed(now: datetime) -> ColumnElement[bool]:
    """SQL condition: a notification comes back later than now."""
    return and_(Notification.snoozed_until > now, Notification.done_at.is_(None))


def is_unread(now: datetime) -> ColumnElement[bool]:
    """SQL condition: a notification is in the inbox, and nobody has read it."""
    return and_(Notification.read_at.is_(None), _is_due(now))


def _is_due(now: datetime) -> ColumnElement[bool]:
    return or_(Notification.snoozed_until.is_(None), Notification.snoozed_until <= now)


def branches(wanted: InboxFilter, now: datetime) -> Iterator[ColumnElement[bool]]:
    """SQL conditions on notifications that exclude each other; each has an index, and one has to hold."""
    if wanted.places == EVERYWHERE and wanted.unread is None:
        yield true()
        return
    if Place.OPEN in wanted.places and wanted.unread is not False:
        yield is_unread(now)
    if wanted.unread is True:
        return
    if Place.OPEN in wanted.places:
        yield and_(Notification.read_at.is_not(None), Notification.done_at.is_(None), _is_due(now))
    if Place.SNOOZED in wanted.places:
        yield is_snoozed(now)
    if Place.DONE in wanted.places:
        yield Notification.done_at.is_not(None)


def within_time(wanted: InboxFilter) -> Iterator[ColumnElement[bool]]:
    """SQL conditions on when notifications came in."""
    if wanted.since is not None:
        yield Notification.created_at >= wanted.since
    if wanted.until is not None:
        yield Notification.created_at < wanted.until


def conditions(wanted: InboxFilter, among: Subquery) -> Iterator[ColumnElement[bool]]:
    """SQL conditions on the notifications ``among`` which to search, and on their messages."""
    for criterion in wanted.criteria:
        fits = _FITS[criterion.subject](criterion.values, among)
        # What is unknown isn't it.
        yield not_(func.coalesce(fits, false())) if criterion.negated else fits


def _has_filter(values: Sequence[str], among: Subquery) -> ColumnElement[bool]:
    return among.c.filter_id.in_(map(int, values))


def _has_state(values: Sequence[str], among: Subquery) -> ColumnElement[bool]:
    return or_(*(_in_state(DeliveryState(value), among) for value in values))


def _in_state(state: DeliveryState, among: Subquery) -> ColumnElement[bool]:
    deliveries = (Delivery.notification_id == among.c.id, Delivery.digest_id == among.c.digest_id)
    found = or_(*(exists().where(Delivery.state == state, each) for each in deliveries))
    if state is DeliveryState.WAITING:
        return or_(found, among.c.batched & among.c.digest_id.is_(None))
    return found


def _has_severity(values: Sequence[str], _among: Subquery) -> ColumnElement[bool]:
    known = {**catalog().events_by_name, **catalog().fallbacks_by_name}
    return StoredMessage.event.in_(sorted(name for name, event in known.items() if event.severity in values))


def _has_package(values: Sequence[str], _among: Subquery) -> ColumnElement[bool]:
    """A name without a namespace stands for any namespace."""
    ends = (f'{_in_json(value)}"' for value in values)
    return or_(*(
        _occurs(start + end, _json(StoredMessage.packages))
        for end in ends for start in (('"',) if "/" in end else ('"', "/"))))


def _has_agent(values: Sequence[str], _among: Subquery) -> ColumnElement[bool]:
    return ascii_lower(StoredMessage.agent).in_([_ascii_lower(value) for value in values])


def _has_person(values: Sequence[str], _among: Subquery) -> ColumnElement[bool]:
    return or_(*(_occurs(f'"{_in_json(value)}"', _json(StoredMessage.usernames)) for value in values))


def _has_group(values: Sequence[str], _among: Subquery) -> ColumnElement[bool]:
    return or_(*(_occurs(f'"{_in_json(value)}"', _json(StoredMessage.groups)) for value in values))


def _has_text(values: Sequence[str], _among: Subquery) -> ColumnElement[bool]:
    texts = (StoredMessage.topic, StoredMessage.msg_id, func.coalesce(StoredMessage.agent, ""))
    lists = tuple(map(_json, (StoredMessage.usernames, StoredMessage.packages, StoredMessage.groups)))

    def occurs(value: str) -> ColumnElement[bool]:
        # All at once where they write it alike, for each further text costs the database some time.
        escaped = _in_json(value)
        if escaped == value:
            return _occurs(value, _joined(*texts, *lists))
        return or_(_occurs(value, _joined(*texts)), _occurs(escaped, _joined(*lists)))

    return or_(*map(occurs, values))


def _joined(first: SQLCoreOperations[str], *others: SQLCoreOperations[str]) -> ColumnElement[str]:
    """The texts as lines of one, so that nothing is found across two of them."""
    joined = type_coerce(first, Text)
    for each in others:
        joined = type_coerce(joined + "\n" + each, Text)
    return joined


def _occurs(text: str, column: ColumnElement[str]) -> ColumnElement[bool]:
    return position(ascii_lower(column), _ascii_lower(text)) > 0


def _ascii_lower(text: str) -> str:
    return "".join(character.lower() if character.isascii() else character for character in text)


def _json(column: object) -> ColumnElement[str]:
    return type_coerce(column, Text)


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


_FITS: Final[Mapping[Subject, Callable[[Sequence[str], Subquery], ColumnElement[bool]]]] = {
    Subject.FILTER: _has_filter,
    Subject.STATE: _has_state,
    Subject.APPLICATION: lambda values, _among: StoredMessage.category.in_(values),
    Subject.SEVERITY: _has_severity,
    Subject.PACKAGE: _has_package,
    Subject.AGENT: _has_agent,
    Subject.PERSON: _has_person,
    Subject.GROUP: _has_group,
    Subject.TEXT: _has_text,
}
