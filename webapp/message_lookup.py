"""Finds messages by what people have at hand: a message id, or a link that leads to the message.

Links may be FMN's own ("Why you got this", short links, the API) or an archive's, such as datagrepper's
``/id?id=…``. Nothing is fetched: the id is read from the address.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from sqlalchemy import select

from fmn.delivery.signed_links import LinkError
from fmn.infra.db import id_of_public_id
from fmn.ledger.messages import messages_with_id
from fmn.ledger.models import Notification, StoredMessage
from webapp.request import Request
from webapp.request_validation import NUL

#: Characters of a message's longest id.
MAX_ID_LENGTH: Final = 200
#: Characters of what may be asked for: the longest link that browsers can be trusted with.
MAX_QUERY_LENGTH: Final = 2_000
#: Messages of one id that are shown. Services that sign may use the same.
MAX_MESSAGES: Final = 5
#: Parameters of an archive's address that name a message.
_ID_PARAMETERS: Final = ("id", "msg_id", "message_id")


def find_messages(request: Request, text: str) -> Sequence[StoredMessage]:
    """The stored messages that an id or a link names, the first one first; none if it names nothing."""
    text = text.strip()
    if len(text) > MAX_QUERY_LENGTH:
        return ()
    link = _parse_link(text)
    if link is not None:
        own = _of_own_link(request, link)
        if own is not None:
            return [own]
    msg_id = text if link is None else msg_id_in_link(link)
    # No database takes NUL, which an address may have escaped.
    if not msg_id or len(msg_id) > MAX_ID_LENGTH or NUL in msg_id:
        return ()
    return messages_with_id(request.read_session, msg_id)[:MAX_MESSAGES]


def msg_id_in_link(link: SplitResult) -> str:
    """The message id in an address: a parameter that says so, or else the last part of the path."""
    parameters = parse_qs(link.query)
    for name in _ID_PARAMETERS:
        if name in parameters:
            return parameters[name][0].strip()
    return unquote(link.path.rstrip("/").rpartition("/")[2])


def _parse_link(text: str) -> SplitResult | None:
    try:
        link = urlsplit(text)
    except ValueError:
        return None
    return link if link.scheme in ("http", "https") and link.netloc else None


def _of_own_link(request: Request, link: SplitResult) -> StoredMessage | None:
    """The message of the notification that one of FMN's links stands for, whichever host it names."""
    readers = {"why": request.links.read_why, "go": request.links.read_go}
    for name, token in pairwise(link.path.split("/")):
        if name in readers:
            try:
                meant = readers[name](unquote(token))
            except LinkError:
                return None
            session = request.read_session
            return session.scalar(
                select(StoredMessage).join(Notification, Notification.message_id == StoredMessage.id)
                .where(Notification.id == id_of_public_id(session, Notification, meant)))
    return None
