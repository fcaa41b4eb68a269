"""A channel that hands things over to nobody but remembers them, and does what a test tells it to."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from fmn.delivery.contract import DeliveryError, Outgoing


@dataclass
class RecordingChannel:
    """Remembers what it delivered. ``before`` may raise to say that it can't be delivered."""

    name: str = "email"
    delivered: list[Outgoing] = field(default_factory=list)
    closed: bool = False
    before: Callable[[Outgoing], None] = lambda _outgoing: None

    def deliver(self, outgoing: Outgoing, until: float = math.inf) -> None:
        self.before(outgoing)
        self.delivered.append(outgoing)

    def close(self) -> None:
        self.closed = True

    @property
    def destinations(self) -> list[str]:
        """To whom something was delivered, in order."""
        return [outgoing.destination for outgoing in self.delivered]


def failing_for(*destinations: str, error: Exception) -> Callable[[Outgoing], None]:
    """For :attr:`RecordingChannel.before`: raise the error for these destinations."""
    def before(outgoing: Outgoing) -> None:
        if outgoing.destination in destinations:
            raise error

    return before


REFUSED = DeliveryError("no such mailbox", permanent=True)
BUSY = DeliveryError("try again later", permanent=False)
