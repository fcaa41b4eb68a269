"""Messages of events: topic, id and headers."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Final

from fmn.catalog import Message
from fmn.settings import EventsSettings
from fmn.sources.cloudevents.errors import invalid
from fmn.sources.cloudevents.event import CloudEvent

#: Tolerance for a publisher's clock that is ahead.
MAX_CLOCK_AHEAD: Final = timedelta(days=1)
#: What identities and sources of events begin with; the token's name follows.
SIGNER_PREFIX: Final = "events:"
SOURCE_PREFIX: Final = "cloudevents:"
#: Hexadecimal digits of an id: 128 bits, so that nobody finds two events with one.
ID_DIGITS: Final = 32


class EventMapper:
    """Makes messages of events that came with a token."""

    def __init__(self, settings: EventsSettings, environment: str) -> None:
        self._prefix = f"{settings.topic_prefix}.{environment}"
        # The longest one first, so that none hides a longer one.
        self._type_prefixes = sorted(
            (f"{each.rstrip('.')}." for each in settings.type_prefixes), key=len, reverse=True)

    def message(self, event: CloudEvent, token_name: str, now: datetime) -> Message:
        """The message of an event.

        :raises fmn.sources.cloudevents.errors.InvalidEventError: its time is in the future
        """
        if event.time is not None and event.time > now + MAX_CLOCK_AHEAD:
            raise invalid("/time", "The attribute time is more than a day ahead: set the clock.")
        return Message(
            msg_id_of(event), f"{self._prefix}.{self._title(event.type)}", event.time or now,
            dict(event.data), f"{SIGNER_PREFIX}{token_name}", dict(event.attributes),
            f"{SOURCE_PREFIX}{token_name}")

    def _title(self, kind: str) -> str:
        found = next((each for each in self._type_prefixes if kind.startswith(each)), "")
        return kind.removeprefix(found)


def msg_id_of(event: CloudEvent) -> str:
    """The message's id: source and id together identify an event, as the specification has it."""
    identity = json.dumps([event.source, event.id])
    return f"ce-{hashlib.sha256(identity.encode()).hexdigest()[:ID_DIGITS]}"
