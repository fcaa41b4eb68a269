"""Messages for tests, made in one line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fmn.catalog import AccountLookup, Description, Facts, Message, MessageReader, catalog, no_accounts

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


def message(
    title: str, body: Any = None, *, prefix: str = "org.fedoraproject", environment: str = "prod",
) -> Message:
    """A message by its topic from the category on."""
    return Message(msg_id="2026-test", topic=f"{prefix}.{environment}.{title}", sent_at=NOON, body=body)


def reading(
    body: Any, accounts: AccountLookup = no_accounts, *, title: str = "bodhi.update.comment",
) -> MessageReader:
    """A message being read."""
    return MessageReader(message(title, body), accounts)


def facts(
    title: str, body: Any = None, *, prefix: str = "org.fedoraproject", environment: str = "prod",
) -> Facts:
    """What the catalogue knows of such a message."""
    return catalog().facts(message(title, body, prefix=prefix, environment=environment))


def described(
    title: str, body: Any = None, *, prefix: str = "org.fedoraproject", environment: str = "prod",
) -> Description:
    """What people are told of such a message."""
    return catalog().describe(message(title, body, prefix=prefix, environment=environment))
