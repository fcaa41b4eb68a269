"""Facts of stored messages, as they were read when the messages were matched."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fmn.catalog import Catalog, EventType, Facts, Message, Package
from fmn.infra.json_decoder import decode_json
from fmn.ledger.models import StoredMessage
from fmn.matching.recent_traffic import RecentTraffic


class StoredFacts(NamedTuple):
    """A message's stored facts; lists are JSON text. Columns that weren't read are ``None``."""

    category: str
    event: str | None = None
    agent: str | None = None
    usernames: str | None = None
    packages: str | None = None
    groups: str | None = None
    topic: str | None = None

    def facts(self, message: Message, event: EventType) -> Facts:
        """The facts of the message."""
        return Facts(
            message, event, self.agent, frozenset(_listed(self.usernames)),
            frozenset(map(_package, _listed(self.packages))), frozenset(_listed(self.groups)))


def stored_event_type(catalog: Catalog, name: str | None) -> EventType | None:
    """The catalogue's event type of this name; ``None`` if it has none, any more."""
    if name is None:
        return None
    return catalog.events_by_name.get(name) or catalog.fallbacks_by_name.get(name)


def _listed(text: str | None) -> list[str]:
    if text is None or text == "[]":  # most are, and decoding takes many times as long as looking
        return []
    found: list[str] = decode_json(text)
    return found


def _package(text: str) -> Package:
    namespace, _, name = text.rpartition("/")
    return Package(namespace, name)


def recent_traffic(session: Session, now: datetime) -> RecentTraffic:
    """Recent traffic, as far back as the ledger's history goes."""
    rows: Any = session.execute(
        select(StoredMessage.category, StoredMessage.event, StoredMessage.topic)
        .where(StoredMessage.matched_at.is_not(None)).distinct()).all()
    oldest = session.scalar(select(func.min(StoredMessage.received_at))) or now
    return RecentTraffic(
        frozenset((row.category, row.event) for row in rows if row.event is not None),
        frozenset(row.topic for row in rows),
        frozenset(row.category for row in rows if row.event is None),
        days=max(1, round((now - oldest) / timedelta(days=1))))
