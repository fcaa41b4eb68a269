"""Event streams of the live feed: appending events, and reading on from a client's position.

Events of a preference get their numbers under a lock, so they become visible in this order: a client that has
seen one has seen all before it, and asks for larger numbers. The oldest are pruned first.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import JSON, BigInteger, CursorResult, Text, cast, delete, func, literal, select, tuple_
from sqlalchemy.orm import Session

from fmn.infra.db import Database, insert_new
from fmn.ledger.models import Stream, StreamEvent

#: The id of a place in a stream that isn't an event's: of which preference, and the number before it.
_START: Final = re.compile(r"start:(\d{1,19}):(\d{1,19})", re.ASCII)


class StreamEntry(NamedTuple):
    """An event of a stream: its number, the id that clients use, and its JSON."""

    number: int
    event_id: str
    data: str


@dataclass(frozen=True)
class StreamPosition:
    """Position of a client in a stream: after the event with this number.

    ``missed`` says that events before it may have been pruned, so the client may lack some.
    """

    number: int
    missed: bool = False


class LedgerStream:
    """Appends to the streams in a database, each delivery in a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, preference_id: int, delivery_key: str, events: Mapping[str, str]) -> None:
        """Append a delivery's events, by their ids, as JSON in ASCII. Existing events stay as they are."""
        with self._database.transaction() as session:
            append(session, preference_id, delivery_key, events, self._database.now())


def append(
    session: Session, preference_id: int, delivery_key: str, events: Mapping[str, str], now: datetime,
) -> None:
    """Append a delivery's events to a preference's stream, unless some of that delivery are there.

    Until the transaction ends, nobody else can append to this stream.
    """
    insert_new(session, Stream, [{"preference_id": preference_id, "last_at": now}])
    stream = session.scalars(
        select(Stream).where(Stream.preference_id == preference_id).with_for_update()).one()
    known = select(StreamEvent.number).where(StreamEvent.delivery_key == delivery_key).limit(1)
    if session.scalar(known) is not None:
        return
    # No earlier than the one before, whoever's clock is slow: the first that get old are the first.
    stream.last_at = max(now, stream.last_at)
    session.add_all(
        StreamEvent(preference_id=preference_id, number=number, delivery_key=delivery_key, event_id=event_id,
                    data=data, created_at=stream.last_at)
        for number, (event_id, data) in enumerate(events.items(), start=stream.last_number + 1))
    stream.last_number += len(events)


def last_numbers(session: Session, preference_ids: Collection[int]) -> Mapping[int, int]:
    """Numbers of the streams' last events, by preference id; preferences without events are left out."""
    rows = session.execute(
        select(Stream.preference_id, Stream.last_number).where(Stream.preference_id.in_(preference_ids)))
    return {row.preference_id: row.last_number for row in rows}


def events_between(
    session: Session, spans: Mapping[int, tuple[int, int]],
) -> Mapping[int, Sequence[StreamEntry]]:
    """Events of several streams, in order: for each stream those after one number, up to another."""
    if not spans:
        return {}
    # As one value: making a statement with thousands of them takes longer than running it.
    asked = literal(json.dumps([(key, *span) for key, span in spans.items()]), Text)
    if session.get_bind().dialect.name == "postgresql":
        each = func.json_array_elements(cast(asked, JSON)).table_valued("value")
    else:
        each = func.json_each(asked).table_valued("value")
    preference_id, after, until = (
        cast(each.c.value.op("->>")(place), BigInteger) for place in range(3))
    rows = session.execute(
        select(StreamEvent.preference_id, StreamEvent.number, StreamEvent.event_id, StreamEvent.data)
        .join(each, preference_id == StreamEvent.preference_id)
        .where(StreamEvent.number > after, StreamEvent.number <= until)
        .order_by(StreamEvent.preference_id, StreamEvent.number))
    found: defaultdict[int, list[StreamEntry]] = defaultdict(list)
    for row in rows:
        found[row.preference_id].append(StreamEntry(row.number, row.event_id, row.data))
    return found


def events_after(session: Session, preference_id: int, number: int, most: int) -> Sequence[StreamEntry]:
    """A stream's next events after a number, in order, up to a limit."""
    rows = session.execute(
        select(StreamEvent.number, StreamEvent.event_id, StreamEvent.data)
        .where(StreamEvent.preference_id == preference_id, StreamEvent.number > number)
        .order_by(StreamEvent.number).limit(most))
    return [StreamEntry(*row) for row in rows]


def stream_position(session: Session, preference_id: int, last_event_id: str | None) -> StreamPosition:
    """Position of a client by the last event it got; without one, it gets new events only."""
    last = last_numbers(session, [preference_id]).get(preference_id, 0)
    if last_event_id is None:
        return StreamPosition(last)
    number = None
    if "\0" not in last_event_id:  # PostgreSQL wouldn't so much as look for it
        number = session.scalar(
            select(StreamEvent.number)
            .where(StreamEvent.event_id == last_event_id, StreamEvent.preference_id == preference_id))
    if number is not None:
        return StreamPosition(number)
    oldest = session.scalar(
        select(func.min(StreamEvent.number)).where(StreamEvent.preference_id == preference_id))
    # What was appended since it was asked for the last number counts as new.
    first = last if oldest is None else oldest - 1
    start = _START.fullmatch(last_event_id)
    if start and int(start[1]) == preference_id and first <= int(start[2]) <= last:
        return StreamPosition(int(start[2]))
    return StreamPosition(first, missed=True)


def start_id(preference_id: int, number: int) -> str:
    """The event id of a position that has no event: a stream's start."""
    return f"start:{preference_id}:{number}"


def prune_events(session: Session, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` events older than ``before``, the oldest first; returns how many."""
    old = (
        select(StreamEvent.preference_id, StreamEvent.number).where(StreamEvent.created_at < before)
        .order_by(StreamEvent.created_at, StreamEvent.preference_id, StreamEvent.number).limit(limit))
    result = session.execute(
        delete(StreamEvent).where(tuple_(StreamEvent.preference_id, StreamEvent.number).in_(old))
        .execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount
