"""What is sent of a stream: its events, and where it begins (HTML standard, section 9.2)."""

from __future__ import annotations

import json
from typing import Final

from sse_starlette import ServerSentEvent

from fmn.ledger.stream import Entry, Place, start_id

#: Milliseconds after which a client whose connection ended comes back.
RETRY: Final = 3000
#: The type of the event that says that something may have been missed. All others have none, as with FMN 2:
#: clients that listen for messages get them.
GAP: Final = "gap"
GAP_DETAIL: Final = (
    "It isn’t known any more where you were. What is kept begins here: something from before may be missing.")
LINE_END: Final = "\n"


def event(entry: Entry) -> bytes:
    """An event of the ledger."""
    return ServerSentEvent(entry.data, id=entry.event_id, sep=LINE_END).encode()


def beginning(preference_id: int, place: Place) -> bytes:
    """What comes first: when to come back, and with which id, should no event have come by then."""
    place_id = start_id(preference_id, place.number)
    if not place.missed:
        # Without data it isn't an event, but its id is remembered.
        return ServerSentEvent(id=place_id, retry=RETRY, sep=LINE_END).encode()
    detail = json.dumps({"id": place_id, "detail": GAP_DETAIL})
    return ServerSentEvent(detail, event=GAP, id=place_id, retry=RETRY, sep=LINE_END).encode()


def heartbeat() -> ServerSentEvent:
    """A comment, that the connection isn't taken for dead."""
    return ServerSentEvent(comment="still here", sep=LINE_END)
