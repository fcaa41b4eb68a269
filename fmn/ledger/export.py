"""All that FMN knows of somebody, as JSON that they can take with them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, time
from typing import Any, Final

from sqlalchemy import Row, Select, inspect, select
from sqlalchemy.orm import Session

from fmn.db import Base, Database
from fmn.filters.expressions import MalformedExpressionError
from fmn.filters.models import Filter, Mute, StoredExpression, Undo
from fmn.filters.notation import print_expression
from fmn.filters.rule_types import RuleTypes
from fmn.ledger.models import Delivery, Digest, Notification, StoredMessage
from fmn.people.models import ApiToken, Confirmation, DetailValue, Preference, User

#: Rows read in one transaction. Whoever downloads slowly keeps no transaction open meanwhile.
PAGE: Final = 1_000

#: Columns that say nothing about anybody: keys of other rows, the machinery's own notes, secrets.
LEFT_OUT: Final[Mapping[type[Base], frozenset[str]]] = {
    User: frozenset({"session_version", "feed_version"}),
    Preference: frozenset({"user_id", "version"}),
    DetailValue: frozenset({"preference_id"}),
    Filter: frozenset({"preference_id", "expression_id", "version"}),
    Mute: frozenset({"user_id"}),
    Undo: frozenset({"preference_id"}),
    ApiToken: frozenset({"user_id", "digest"}),
    Confirmation: frozenset({"user_id", "detail_value_id"}),
    Notification: frozenset({"preference_id", "message_id"}),
    Digest: frozenset({"preference_id"}),
    Delivery: frozenset({"preference_id", "key", "hinted_at", "claimed_by", "claimed_until"}),
}

Json = Mapping[str, Any]


def everything_about(database: Database, rule_types: RuleTypes, user_id: int) -> Iterator[str]:
    """One JSON object in pieces of text. What is short comes first, what may be long after it.

    Raises :class:`sqlalchemy.exc.NoResultFound` for a user who isn't there.
    """
    with database.reading() as session:
        short = _short(session, rule_types, user_id)
        contexts: Sequence[Row[int, str]] = session.execute(
            select(Preference.id, Preference.context)
            .where(Preference.user_id == user_id).order_by(Preference.id)).all()
    yield "{\n"
    for name, value in short.items():
        yield f"{_text(name)}: {_text(value)},\n"
    yield from _list("notifications", database, contexts, _notifications, _notification)
    yield ",\n"
    yield from _list("digests", database, contexts, _digests, _row)
    yield ",\n"
    yield from _list("deliveries", database, contexts, _deliveries, _row)
    yield "\n}\n"


def _short(session: Session, rule_types: RuleTypes, user_id: int) -> Json:
    user = session.get_one(User, user_id)

    def mine(table: type[Any]) -> Sequence[Json]:
        return [_row(each) for each in session.scalars(
            select(table).where(table.user_id == user_id).order_by(table.id))]

    return {
        "account": _row(user),
        "preferences": [_preference(session, each, rule_types) for each in user.preferences],
        "mutes": mine(Mute),
        "tokens": mine(ApiToken),
        "confirmations": mine(Confirmation),
    }


def _preference(session: Session, preference: Preference, rule_types: RuleTypes) -> Json:
    filters = session.execute(
        select(Filter, StoredExpression).join(Filter.stored)
        .where(Filter.preference_id == preference.id).order_by(Filter.position, Filter.id))
    undos = session.scalars(select(Undo).where(Undo.preference_id == preference.id).order_by(Undo.id))
    return {
        **_row(preference),
        "addresses": [_row(each) for each in preference.detail_values],
        "filters": [{**_row(one), "asks": _asks(stored, rule_types)} for one, stored in filters],
        "undos": [_row(each) for each in undos],
    }


def _asks(stored: StoredExpression, rule_types: RuleTypes) -> Any:
    try:
        return print_expression(stored.expression, rule_types)
    except MalformedExpressionError:
        return stored.body


def _list(
    name: str, database: Database, contexts: Sequence[Row[int, str]],
    statement: Callable[[int], Select[*tuple[Any, ...]]], said: Callable[..., Json],
) -> Iterator[str]:
    yield f"{_text(name)}: ["
    between = "\n"
    for preference_id, context in contexts:
        for row in _paged(database, statement(preference_id)):
            yield f"{between}{_text({'context': context, **said(*row)})}"
            between = ",\n"
    yield "\n]"


def _paged(database: Database, statement: Select[*tuple[Any, ...]]) -> Iterator[Row[*tuple[Any, ...]]]:
    """The rows of a statement in order of the id of what it selects first, a page per transaction."""
    table = statement.column_descriptions[0]["entity"]
    last: int | None = 0
    while last is not None:
        with database.reading() as session:
            rows = session.execute(statement.where(table.id > last).order_by(table.id).limit(PAGE)).all()
        yield from rows
        last = rows[-1][0].id if len(rows) == PAGE else None


def _notifications(preference_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(Notification, StoredMessage.msg_id, StoredMessage.topic, StoredMessage.sent_at)
        .join(StoredMessage, StoredMessage.id == Notification.message_id)
        .where(Notification.preference_id == preference_id))


def _notification(notification: Notification, msg_id: str, topic: str, sent_at: datetime) -> Json:
    return {**_row(notification), "msg_id": msg_id, "topic": topic, "sent_at": sent_at}


def _digests(preference_id: int) -> Select[*tuple[Any, ...]]:
    return select(Digest).where(Digest.preference_id == preference_id)


def _deliveries(preference_id: int) -> Select[*tuple[Any, ...]]:
    return select(Delivery).where(Delivery.preference_id == preference_id)


def _row(row: Base) -> Json:
    """A row's columns, all of those that say something."""
    left_out = LEFT_OUT[type(row)]
    return {each.key: getattr(row, each.key) for each in inspect(type(row)).column_attrs
            if each.key not in left_out}


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: datetime | time) -> str:
    return value.isoformat()
