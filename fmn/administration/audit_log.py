"""Audit log: what administrators and commands did with other people's data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.administration.models import AuditEntry

#: Entries shown at once.
PAGE: Final = 50


def log_action(session: Session, actor: str, action: str, subject: str = "", **details: object) -> None:
    """Add an entry, in the transaction of the action itself. ``subject`` is the nick it concerns."""
    session.add(AuditEntry(actor=actor, action=action, subject=subject, details=details))


def entries(
    session: Session, *, before: int | None = None, subject: str = "", most: int = PAGE,
) -> Sequence[AuditEntry]:
    """Return up to ``most`` entries, newest first, older than the id ``before``, about ``subject`` if set."""
    statement = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(most)
    if before is not None:
        statement = statement.where(AuditEntry.id < before)
    if subject:
        statement = statement.where(AuditEntry.subject == subject)
    return session.scalars(statement).all()


def entries_about(session: Session, nick: str, since: datetime) -> Sequence[Mapping[str, Any]]:
    """Return the entries about a person for their export, oldest first, without the actors.

    ``since`` is when the account was created: an earlier owner of the nick was another person.
    """
    found = session.scalars(
        select(AuditEntry).where(AuditEntry.subject == nick, AuditEntry.happened_at >= since)
        .order_by(AuditEntry.id))
    return [
        {"happened_at": each.happened_at, "action": each.action, "details": each.details} for each in found]
