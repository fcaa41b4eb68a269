"""Restores archived AMQP messages to what the broker delivered. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fmn.catalog.message import moment
from fmn.sources.fedora_messaging.parser import SENT_AT, Delivery


def is_delivery(row: object) -> bool:
    """Whether an archive's row is an AMQP message rather than one of fedmsg.

    A row of ``/v2/search`` is. Of ``/raw`` it's one with headers and without a signature: fedmsg has none.
    """
    if not isinstance(row, dict):
        return False
    return "msg" not in row if "body" in row else bool(row.get("headers")) and not row.get("signature")


def to_delivery(row: Mapping[str, Any]) -> Delivery:
    """The delivery of a row. The parser rejects malformed ones.

    :raises RecursionError: the body has too many levels to be written
    """
    body = json.dumps(row["body"] if "body" in row else row.get("msg")).encode()
    return Delivery(
        row.get("topic"), body, len(body), _headers(row), row.get("id", row.get("msg_id")),
        priority=row.get("priority"))


def _headers(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The headers; without the time in them that of the archive."""
    given = row.get("headers")
    headers = given if isinstance(given, dict) else {}
    archived = moment(row.get("timestamp"))
    return headers if SENT_AT in headers or archived is None else {**headers, SENT_AT: _text(archived)}


def _text(sent_at: datetime) -> str:
    return sent_at.astimezone(UTC).isoformat()
