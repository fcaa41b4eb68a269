"""Wire format of Server-Sent Events (HTML standard, section 9.2)."""

from __future__ import annotations

import json
from typing import Final

from sse_starlette import ServerSentEvent

from fmn.ledger.event_streams import StreamEntry, StreamPosition, start_id

#: Milliseconds after which a client whose connection ended comes back.
RECONNECT_MILLISECONDS: Final = 3000
#: The type of the event that says that something may have been missed. All others have none, as with FMN 2:
#: clients that listen for messages get them.
GAP: Final = "gap"
GAP_DETAIL: Final = "Your last event was deleted, so some events may be missing."
LINE_END: Final = "\n"


def encode_event(entry: StreamEntry) -> bytes:
    """Encode an event of the ledger."""
    return ServerSentEvent(entry.data, id=entry.event_id, sep=LINE_END).encode()


def stream_start(preference_id: int, place: StreamPosition) -> bytes:
    """First lines of a stream: retry time, and the id to resume from if no event follows."""
    # Without data it isn't an event, but its id is remembered.
    first = ServerSentEvent(
        id=start_id(preference_id, place.number), retry=RECONNECT_MILLISECONDS, sep=LINE_END).encode()
    return first + gap_event(preference_id, place.number) if place.missed else first


def gap_event(preference_id: int, number: int) -> bytes:
    """Event that says that earlier events may be missing: only those after this number are stored."""
    place_id = start_id(preference_id, number)
    data = json.dumps({"id": place_id, "detail": GAP_DETAIL})
    return ServerSentEvent(data, event=GAP, id=place_id, sep=LINE_END).encode()


def heartbeat() -> ServerSentEvent:
    """Comment that keeps the connection alive."""
    return ServerSentEvent(comment="still here", sep=LINE_END)
