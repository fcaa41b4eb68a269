"""The channel "sse": appends deliveries to streams, which ``fmn sse`` serves."""

from __future__ import annotations

import math

from fmn.delivery.contract import ChannelContext, RenderedDelivery
from fmn.delivery.sse.formatter import format_events


class SseChannel:
    """Appends deliveries to their owners' streams. Threads may share it."""

    name = "sse"

    def __init__(self, context: ChannelContext) -> None:
        self._context = context

    def deliver(self, delivery: RenderedDelivery, until: float = math.inf) -> None:
        """Append a delivery, idempotently. Readers who connect later go on where they were."""
        events = format_events(delivery, self._context.applications, self._context.links)
        self._context.stream.append(
            delivery.preference_id, delivery.key, {event.id: event.text for event in events})

    def close(self) -> None:
        """Nothing is kept open."""


def open_channel(context: ChannelContext) -> SseChannel:
    """Open the channel."""
    return SseChannel(context)
