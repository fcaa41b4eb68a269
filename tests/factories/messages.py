"""Bus messages, and what the matcher finds out about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from fmn.catalog import Facts, Message, Package, catalog
from fmn.infra.db import Database
from fmn.ledger.messages import lock_unmatched, store
from fmn.matching.batch_recorder import Recorded, record
from fmn.matching.index.matching_index import Match
from fmn.matching.pipeline import MatchedMessage
from fmn.settings import FloodSettings
from tests.factories.matching import GivenRecipients

#: When everything happens, unless a test says otherwise.
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
#: For tests that aren't about throttling, but in which more comes at once than anybody would like.
NO_THROTTLING = FloodSettings(per_event=1_000_000, per_preference=1_000_000)


def make_message(number: int = 1, *, body: Any = None, sent_at: datetime = NOON) -> Message:
    """A message of a service that the catalogue doesn't know; the same number makes the same message."""
    return Message(
        msg_id=f"2026-{number:08}", topic="org.example.dev.oven.cake.done", sent_at=sent_at,
        body={"cake": number} if body is None else body)


def make_facts(
    message: Message, *, agent: str | None = None, usernames: Iterable[str] = (),
    packages: Iterable[Package] = (), groups: Iterable[str] = (),
) -> Facts:
    """What was read in a message."""
    event = catalog().facts(message).event
    return Facts(message, event, agent, frozenset(usernames), frozenset(packages), frozenset(groups))


def stored(database: Database, *numbers: int, now: datetime = NOON) -> list[int]:
    """Take messages in; returns their ids in the ledger."""
    with database.transaction() as session:
        return store(session, [make_message(number) for number in numbers], now)


def recorded_in(
    session: Session, ids: Sequence[int], *recipients: Match, revision: int | None = None,
    now: datetime = NOON, throttling: FloodSettings = NO_THROTTLING,
) -> Recorded:
    """Record in this transaction that those of the messages that aren't matched yet have these concerns.

    They had them at ``revision``, which is that of now if it isn't said.
    """
    batch = [
        MatchedMessage(row, make_facts(row.message, agent="bob"), recipients)
        for row in lock_unmatched(session, ids)
    ]
    again = GivenRecipients.of(session, [recipients] * len(batch), revision)
    return record(session, batch, now, throttling, again)


def recorded(
    database: Database, ids: Sequence[int], *recipients: Match, revision: int | None = None,
    now: datetime = NOON, throttling: FloodSettings = NO_THROTTLING,
) -> Recorded:
    """The same in a transaction of its own."""
    with database.transaction() as session:
        return recorded_in(session, ids, *recipients, revision=revision, now=now, throttling=throttling)
