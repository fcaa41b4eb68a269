"""Filter of an inbox, as SQL conditions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Subquery, Text, exists, or_, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import SQLCoreOperations

from fmn.filters.models import Filter
from fmn.ledger.models import Delivery, DeliveryState, StoredMessage
from fmn.people.models import Preference
from fmn.text import one_line

#: Words of a search that count. Each costs the database some time.
MAX_WORDS: Final = 8


@dataclass(frozen=True)
class InboxFilter:
    """The criteria of an inbox filter; those that aren't set match everything.

    ``application`` is a category. Each word of ``text`` has to occur in a message's topic, id, agent, people
    or packages; case doesn't matter in ASCII.
    """

    context: str = ""
    state: DeliveryState | None = None
    filter_id: int | None = None
    application: str = ""
    unread: bool = False
    text: str = ""

    @property
    def words(self) -> Sequence[str]:
        """The words to search for."""
        return one_line(self.text).split()[:MAX_WORDS]

    @property
    def reads_messages(self) -> bool:
        """Whether the conditions need the messages, besides the notifications."""
        return bool(self.application or self.words)

    @property
    def searches(self) -> bool:
        """Whether the notifications have to be searched one by one, since no index helps."""
        return self.reads_messages or self.state is not None or self.filter_id is not None


#: Whatever is there.
NO_RESTRICTION: Final = InboxFilter()


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


def conditions(wanted: InboxFilter, among: Subquery) -> Iterator[ColumnElement[bool]]:
    """SQL conditions on the notifications ``among`` which to search, and on their messages."""
    if wanted.filter_id is not None:
        yield among.c.filter_id == wanted.filter_id
    if wanted.state is not None:
        yield _in_state(wanted.state, among)
    if wanted.application:
        yield StoredMessage.category == wanted.application
    yield from map(_has, wanted.words)


def _in_state(state: DeliveryState, among: Subquery) -> ColumnElement[bool]:
    deliveries = (Delivery.notification_id == among.c.id, Delivery.digest_id == among.c.digest_id)
    found = or_(*(exists().where(Delivery.state == state, each) for each in deliveries))
    if state is DeliveryState.WAITING:
        return or_(found, among.c.batched & among.c.digest_id.is_(None))
    return found


def _has(word: str) -> ColumnElement[bool]:
    texts: tuple[SQLCoreOperations[str | None], ...] = (
        StoredMessage.topic, StoredMessage.msg_id, StoredMessage.agent)
    lists = (type_coerce(column, Text) for column in (
        StoredMessage.usernames, StoredMessage.packages, StoredMessage.groups))
    in_json = json.dumps(word)[1:-1]
    return or_(
        *(each.icontains(word, autoescape=True) for each in texts),
        *(each.icontains(in_json, autoescape=True) for each in lists))
