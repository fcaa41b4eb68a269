"""Audit log: what administrators and commands did with other people's data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.administration.models import AuditEntry
from fmn.ledger.reasons import reason_text
from fmn.translations import gettext, mark

#: What pages call the details of entries.
_DETAILS: Final[Mapping[str, str]] = {
    "before": mark("Name before"), "changes": mark("Changes"), "containing": mark("Reason contains"),
    "context": mark("Channel"), "contexts": mark("Channels"), "count": mark("Number"),
    "filter": mark("Filter"), "filter_id": mark("Filter ID"), "filter_ids": mark("Filter IDs"),
    "filters": mark("Filters"), "forge": mark("Forge"), "former": mark("Former account"),
    "group": mark("Group"), "members": mark("Members"), "msg_id": mark("Message ID"), "name": mark("Name"),
    "note": mark("Note"), "put_aside": mark("Put aside"), "reason": mark("Reason"),
    "revision": mark("Revision"), "sent_until": mark("Sent until"), "since": mark("Since"),
    "topic": mark("Topic prefix"), "waiting": mark("Waiting"),
}
#: Entries shown at once.
PAGE: Final = 50


def log_action(session: Session, actor: str, action: str, subject: str = "", **details: object) -> None:
    """Add an entry, in the transaction of the action itself. ``subject`` is the nick it concerns.

    The log is kept in English. Pages translate an ``action`` that is marked for it.
    """
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


def describe_details(details: Mapping[str, Any]) -> str:
    """An entry's details in the reader's language: ``Filter: Kernel; Filter ID: 7``."""
    told = (
        gettext("{name}: {value}").format(
            name=gettext(_DETAILS.get(name, name)), value=_value_text(name, value))
        for name, value in details.items() if value is not None)
    return "; ".join(told)


def _value_text(name: str, value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return reason_text(value) if name == "reason" and isinstance(value, str) else str(value)


def entries_about(session: Session, nick: str, since: datetime) -> Sequence[Mapping[str, Any]]:
    """Return the entries about a person for their export, oldest first, without the actors.

    ``since`` is when the account was created: an earlier owner of the nick was another person.
    """
    found = session.scalars(
        select(AuditEntry).where(AuditEntry.subject == nick, AuditEntry.happened_at >= since)
        .order_by(AuditEntry.id))
    return [
        {"happened_at": each.happened_at, "action": each.action, "details": each.details} for each in found]
