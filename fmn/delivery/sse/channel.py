"""The live feed as a channel: what it's given it appends to streams, which ``fmn sse`` serves."""

from __future__ import annotations

import math

from fmn.delivery.contract import Outgoing, Surroundings
from fmn.delivery.sse.formatter import format_events


class SseChannel:
    """Appends deliveries to the stream of whoever they're for. Threads may share it."""

    name = "sse"

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    def deliver(self, outgoing: Outgoing, until: float = math.inf) -> None:
        """Append it, which may as well happen twice. Whoever listens later reads on from where they were."""
        events = format_events(outgoing, self._surroundings.applications, self._surroundings.links)
        self._surroundings.stream.append(
            outgoing.preference_id, outgoing.key, {event.id: event.text for event in events})

    def close(self) -> None:
        """Nothing is open."""


def open_channel(surroundings: Surroundings) -> SseChannel:
    """The channel."""
    return SseChannel(surroundings)
