"""Unreadable messages: kept for administrators, the newest ones only, and never tried again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from fmn.ledger.models import UnreadableRow

#: Rows that are kept, however fast more come.
MAX_ROWS: Final = 1_000
#: Bytes of a body that are kept.
BODY_BYTES: Final = 4_096
#: Characters of a topic and of the detail that are kept.
TOPIC_CHARACTERS: Final = 500
DETAIL_CHARACTERS: Final = 500
#: What stands for a secret.
MASK: Final = "…"
#: The value after a name that tells of a secret, as JSON, HTTP and ini files write it. Bodies may hold
#: anything: this catches what is careless, not what is clever.
_SECRET: Final = re.compile(
    r"""(?ix) (?P<name> ["']? [\w-]{0,40} (?:authorization|password|passwd|secret|token|cookie|api[-_]?key)
    [\w-]{0,40} ["']? \s{0,10} [:=] \s{0,10}) (?: "[^"]*"? | '[^']*'? | [^\n,}]+ )""")


@dataclass(frozen=True, slots=True)
class UnreadableMessage:
    """A message that couldn't be read: where it's from, why, and the beginning of its body."""

    source: str
    received_at: datetime
    topic: str
    reason: str
    detail: str
    body: str

    @classmethod
    def of(
        cls, source: str, received_at: datetime, topic: str, reason: str, detail: str, body: bytes,
    ) -> Self:
        """What is kept of a message, without its secrets as far as they have usual names."""
        text = body[:BODY_BYTES].decode("utf-8", "replace")
        return cls(source, received_at, topic[:TOPIC_CHARACTERS], reason, detail[:DETAIL_CHARACTERS],
                   _SECRET.sub(rf"\g<name>{MASK}", text))


def keep_unreadable(session: Session, messages: Sequence[UnreadableMessage]) -> None:
    """Store unreadable messages; the oldest ones beyond :data:`MAX_ROWS` go."""
    session.add_all(
        UnreadableRow(
            source=each.source, received_at=each.received_at, topic=each.topic, reason=each.reason,
            detail=each.detail, body=each.body)
        for each in messages)
    session.flush()
    newest = select(func.max(UnreadableRow.id)).scalar_subquery()
    session.execute(
        delete(UnreadableRow).where(UnreadableRow.id <= newest - MAX_ROWS)
        .execution_options(synchronize_session=False))


def unreadable_messages(session: Session, limit: int, before: int | None = None) -> Sequence[UnreadableRow]:
    """Unreadable messages, newest first; with ``before`` those with smaller ids."""
    wanted = select(UnreadableRow).order_by(UnreadableRow.id.desc()).limit(limit)
    return session.scalars(wanted if before is None else wanted.where(UnreadableRow.id < before)).all()


def prune_unreadable(session: Session, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` of those received before ``before``; returns how many."""
    old = (
        select(UnreadableRow.id).where(UnreadableRow.received_at < before)
        .order_by(UnreadableRow.received_at).limit(limit))
    ids = list(session.scalars(old))
    session.execute(
        delete(UnreadableRow).where(UnreadableRow.id.in_(ids)).execution_options(synchronize_session=False))
    return len(ids)
