"""The live feed as a channel: what it's given it appends to streams, which ``fmn sse`` serves."""

from __future__ import annotations

import math

from fmn.delivery.contract import ChannelContext, RenderedDelivery
from fmn.delivery.sse.formatter import format_events


class SseChannel:
    """Appends deliveries to the stream of whoever they're for. Threads may share it."""

    name = "sse"

    def __init__(self, context: ChannelContext) -> None:
        self._context = context

    def deliver(self, delivery: RenderedDelivery, until: float = math.inf) -> None:
        """Append it, which may as well happen twice. Whoever listens later reads on from where they were."""
        events = format_events(delivery, self._context.applications, self._context.links)
        self._context.stream.append(
            delivery.preference_id, delivery.key, {event.id: event.text for event in events})

    def close(self) -> None:
        """Nothing is open."""


def open_channel(context: ChannelContext) -> SseChannel:
    """The channel."""
    return SseChannel(context)
