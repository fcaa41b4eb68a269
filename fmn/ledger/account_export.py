"""Export of an account: all data that FMN has about a user, as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time
from functools import cache
from typing import Any, Final

from sqlalchemy import Row, RowMapping, Select, inspect, select
from sqlalchemy.orm import QueryableAttribute, Session

from fmn.filters.expression_syntax import print_expression
from fmn.filters.models import (
    Filter,
    GroupEditor,
    GroupOptOut,
    Mute,
    SharedFilters,
    StoredExpression,
    Undo,
)
from fmn.filters.rule_types import RuleTypes
from fmn.infra.db import Base, Database
from fmn.ledger.figures.models import DailyFigure
from fmn.ledger.models import (
    DelayedFailure,
    Delivery,
    Digest,
    InboxUndo,
    Notification,
    SavedSearch,
    StoredMessage,
    Stream,
    StreamEvent,
)
from fmn.people.models import ApiToken, BrowserSession, Confirmation, DetailValue, Preference, User

#: Rows read in one transaction. Whoever downloads slowly keeps no transaction open meanwhile.
PAGE: Final = 5_000

#: Columns that say nothing about anybody: keys of other rows, the machinery's own notes, secrets.
EXCLUDED_COLUMNS: Final[Mapping[type[Base], frozenset[str]]] = {
    User: frozenset({"nonce", "session_version", "feed_version"}),
    Preference: frozenset({"nonce", "user_id", "version"}),
    DetailValue: frozenset({"preference_id"}),
    Filter: frozenset({"nonce", "preference_id", "expression_id", "version", "group_name"}),
    Mute: frozenset({"user_id"}),
    GroupOptOut: frozenset({"user_id"}),
    GroupEditor: frozenset({"user_id"}),
    Undo: frozenset({"preference_id"}),
    SavedSearch: frozenset({"user_id"}),
    InboxUndo: frozenset({"user_id"}),
    SharedFilters: frozenset({"nonce", "user_id", "digest"}),
    ApiToken: frozenset({"user_id", "digest"}),
    BrowserSession: frozenset({"user_id", "digest"}),
    Confirmation: frozenset({"nonce", "user_id", "detail_value_id"}),
    Notification: frozenset({"nonce", "preference_id", "message_id"}),
    Digest: frozenset({"preference_id"}),
    Delivery: frozenset({"nonce", "preference_id", "key", "enqueued_at", "claimed_by", "claimed_until"}),
    DelayedFailure: frozenset({"notification_id", "key", "until"}),
    Stream: frozenset({"preference_id", "last_number", "last_at"}),
    StreamEvent: frozenset({"preference_id", "delivery_key"}),
    DailyFigure: frozenset({"preference_id"}),
}

Json = Mapping[str, Any]


def export_account(
    database: Database, rule_types: RuleTypes, user_id: int,
    besides: Mapping[str, Sequence[Json]] | None = None,
) -> Iterator[str]:
    """The export as one JSON object, in pieces of text; small sections come first.

    ``besides`` has further sections by name, from packages above this one. Raises
    :class:`sqlalchemy.exc.NoResultFound` if there is no such user.
    """
    with database.reading() as session:
        short = _short(session, rule_types, user_id)
        contexts: Sequence[Row[int, str]] = session.execute(
            select(Preference.id, Preference.context)
            .where(Preference.user_id == user_id).order_by(Preference.id)).all()
    yield "{\n"
    for name, value in {**short, **(besides or {})}.items():
        yield f"{_text(name)}: {_text(value)},\n"
    about = (StoredMessage.msg_id, StoredMessage.topic, StoredMessage.sent_at)
    notifications = select(*_columns(Notification), *about).join(Notification.stored_message)
    yield from _list("notifications", database, contexts, Notification, notifications)
    yield ",\n"
    yield from _list("digests", database, contexts, Digest, select(*_columns(Digest)))
    yield ",\n"
    yield from _list("deliveries", database, contexts, Delivery, select(*_columns(Delivery)))
    yield ",\n"
    yield from _list("events", database, contexts, StreamEvent, select(*_columns(StreamEvent)))
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
        "saved_searches": mine(SavedSearch),
        "inbox_undos": mine(InboxUndo),
        "shared_filters": mine(SharedFilters),
        "group_opt_outs": mine(GroupOptOut),
        "group_editors": mine(GroupEditor),
        "tokens": mine(ApiToken),
        "sessions": mine(BrowserSession),
        "confirmations": mine(Confirmation),
    }


def _preference(session: Session, preference: Preference, rule_types: RuleTypes) -> Json:
    filters = session.execute(
        select(Filter, StoredExpression).join(Filter.stored)
        .where(Filter.preference_id == preference.id).order_by(Filter.position, Filter.id))
    undos = session.scalars(select(Undo).where(Undo.preference_id == preference.id).order_by(Undo.id))
    days = session.scalars(
        select(DailyFigure).where(DailyFigure.preference_id == preference.id)
        .order_by(DailyFigure.day, DailyFigure.filter_id))
    return {
        **_row(preference),
        "addresses": [_row(each) for each in preference.detail_values],
        "filters": [{**_row(one), "asks": _asks(stored, rule_types)} for one, stored in filters],
        "undos": [_row(each) for each in undos],
        "days": [_row(each) for each in days],
    }


def _asks(stored: StoredExpression, rule_types: RuleTypes) -> Any:
    expression = stored.expression_or_none
    return print_expression(expression, rule_types) if expression else stored.body


def _list(
    name: str, database: Database, contexts: Sequence[Row[int, str]], table: type[Any],
    statement: Select[*tuple[Any, ...]],
) -> Iterator[str]:
    yield f"{_text(name)}: ["
    between = "\n"
    for preference_id, context in contexts:
        for page in _pages(database, table, statement.where(table.preference_id == preference_id)):
            yield between + ",\n".join(_text({"context": context, **row}) for row in page)
            between = ",\n"
    yield "\n]"


def _pages(
    database: Database, table: type[Any], statement: Select[*tuple[Any, ...]],
) -> Iterator[Sequence[RowMapping]]:
    """A statement's rows in order of the table's key, one transaction per page; no page is empty."""
    *_, key = inspect(table).primary_key
    last: int | None = 0
    while last is not None:
        with database.reading() as session:
            page = statement.where(key > last).order_by(key).limit(PAGE)
            rows = session.execute(page).mappings().all()
        if rows:
            yield rows
        last = rows[-1][key.name] if len(rows) == PAGE else None


def _row(row: Base) -> Json:
    """A row's exported values by column."""
    return {column.key: getattr(row, column.key) for column in _columns(type(row))}


@cache
def _columns(table: type[Base]) -> Sequence[QueryableAttribute[Any]]:
    """A table's exported columns."""
    return [getattr(table, each.key) for each in inspect(table).column_attrs
            if each.key not in EXCLUDED_COLUMNS[table]]


def _text(value: object) -> str:
    # The same JSON, and no markup to whoever takes it for a page.
    return json.dumps(value, ensure_ascii=False, default=_plain).replace("<", "\\u003c")


def _plain(value: date | time) -> str:
    return value.isoformat()
