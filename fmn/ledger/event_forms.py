"""Events published in several forms, such as v1 and v2 of a schema: the first form to come counts.

A form of an event has a topic of its own. Messages of different topics with the same duplicate key, sent
within minutes, are one occurrence of the event. A second message of the same topic is another occurrence: a
mirror may be changed twice in a minute.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from fmn.catalog import Message, catalog
from fmn.infra.db import insert_new
from fmn.ledger.models import PublishedEvent

#: Time between forms of an event. Services publish them together; a bridge dates them when it passes them on.
FORMS_WITHIN: Final = timedelta(minutes=10)
#: Occurrences of an event that are remembered. Far more than happen within the time.
MAX_OCCURRENCES: Final = 50

#: When an event was sent, in seconds since 1970, and the topics of its forms that came.
Occurrence = tuple[float, list[str]]


def identities_of_other_forms(
    session: Session, messages: Collection[Message], now: datetime,
) -> set[tuple[str, str]]:
    """Identities of those new messages whose event came in another form before. Remembers the rest.

    Waits for transactions that store forms of the same events.
    """
    forms = _by_digest(messages)
    if not forms:
        return set()
    today = now.date()
    # In one order, so that two who store forms of the same events don't wait for each other.
    insert_new(session, PublishedEvent, [
        {"digest": digest, "occurrences": [], "since": today} for digest in sorted(forms)])
    events = session.scalars(
        select(PublishedEvent).where(PublishedEvent.digest.in_(forms)).order_by(PublishedEvent.digest)
        .with_for_update())
    known: set[tuple[str, str]] = set()
    for event in events.all():
        occurrences = [(sent, list(topics)) for sent, topics in event.occurrences]
        known.update(each.identity for each in forms[event.digest] if not _is_new(each, occurrences))
        event.occurrences, event.since = occurrences[-MAX_OCCURRENCES:], today
    session.flush()
    return known


def _by_digest(messages: Collection[Message]) -> Mapping[bytes, Sequence[Message]]:
    """Messages with a duplicate key, by its digest: of those that come together the latest form first."""
    found: defaultdict[bytes, list[Message]] = defaultdict(list)
    for message in messages:
        if key := catalog().duplicate_key(message):
            found[_digest(key)].append(message)
    for forms in found.values():
        # It tells most: v1 of some names nobody. The sort is stable, so each form stays in its order.
        forms.sort(key=lambda message: message.title, reverse=True)
    return found


def _digest(key: Sequence[str]) -> bytes:
    return sha256(json.dumps(key).encode()).digest()[:16]


def _is_new(message: Message, occurrences: list[Occurrence]) -> bool:
    """Whether no other form of the event came; adds the message to the occurrence, or a new one."""
    sent = message.sent_at.timestamp()
    near = [
        occurrence for occurrence in occurrences
        if abs(occurrence[0] - sent) <= FORMS_WITHIN.total_seconds() and message.title not in occurrence[1]]
    if near:
        min(near, key=lambda occurrence: abs(occurrence[0] - sent))[1].append(message.title)
        return False
    occurrences.append((sent, [message.title]))
    return True


def prune_published_events(session: Session, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` events whose last form came before then; returns how many."""
    old = (
        select(PublishedEvent.digest).where(PublishedEvent.since < before.date())
        .order_by(PublishedEvent.since).limit(limit).with_for_update(skip_locked=True))
    digests = list(session.scalars(old))
    session.execute(delete(PublishedEvent).where(PublishedEvent.digest.in_(digests)).execution_options(
        synchronize_session=False))
    return len(digests)
