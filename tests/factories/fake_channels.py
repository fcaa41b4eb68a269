"""Channels that hand things over to nobody but remember them, and do what a test tells them to."""

from __future__ import annotations

import math
import socket
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from fmn.delivery.contract import DeliveryError, Pause, RenderedDelivery, Transmission


@dataclass
class RecordingChannel:
    """Remembers what it delivered. ``before`` may raise to say that it can't be delivered."""

    name: str = "email"
    delivered: list[RenderedDelivery] = field(default_factory=list)
    closed: bool = False
    before: Callable[[RenderedDelivery], None] = lambda _delivery: None

    def deliver(self, delivery: RenderedDelivery, until: float = math.inf) -> None:
        self.before(delivery)
        self.delivered.append(delivery)

    def close(self) -> None:
        self.closed = True

    @property
    def destinations(self) -> list[str]:
        """To whom something was delivered, in order."""
        return [delivery.destination for delivery in self.delivered]


class PipelinedFakeChannel:
    """Takes steps, three at once: "ready a", "negotiate a" and "transmit a" for somebody called a.

    ``asked`` says what the other side is asked before all is agreed. ``before`` may do anything, or raise,
    before a step. The other side answers each at once, but those in ``unanswered`` only when it's told to.
    """

    name, batch_size = "email", 3
    #: Seconds after which it's too late for an answer.
    patience = 30.0

    def __init__(self, before: Callable[[str], None] = lambda _step: None) -> None:
        self.before = before
        self.asked: Sequence[str] = ("negotiate",)
        self.done: list[str] = []
        self.unanswered: set[str] = set()
        self._other_sides: dict[str, socket.socket] = {}
        self._open: list[socket.socket] = []

    def deliver(self, delivery: RenderedDelivery, until: float = math.inf) -> None:
        raise AssertionError("it's told to do it in steps")

    def prepare(self, delivery: RenderedDelivery) -> Transmission:
        who = delivery.destination.partition("@")[0]
        self._do(f"ready {who}")
        return partial(self._steps, who)

    def answer(self, step: str) -> None:
        """Let the other side answer a step that was unanswered."""
        self._other_sides.pop(step).send(b"yes")

    def close(self) -> None:
        for each in self._open:
            each.close()

    def _steps(self, who: str, until: float) -> Generator[Pause, None, Mapping[str, str]]:
        for step in self.asked:
            yield self._said(f"{step} {who}")
        yield Pause(None, until)
        yield self._said(f"transmit {who}")
        return {"receipt": who}

    def _said(self, step: str) -> Pause:
        ours, self._other_sides[step] = both = socket.socketpair()
        self._open += both
        self._do(step)
        if step not in self.unanswered:
            self.answer(step)
        return Pause(ours, time.monotonic() + self.patience)

    def _do(self, step: str) -> None:
        self.before(step)
        self.done.append(step)


def failing_at(**errors: Exception) -> Callable[[str], None]:
    """For :attr:`PipelinedFakeChannel.before`: errors to raise before steps, named with ``_`` for blanks."""
    def before(step: str) -> None:
        if step.replace(" ", "_") in errors:
            raise errors[step.replace(" ", "_")]

    return before


def failing_for(*destinations: str, error: Exception) -> Callable[[RenderedDelivery], None]:
    """For :attr:`RecordingChannel.before`: raise the error for these destinations."""
    def before(delivery: RenderedDelivery) -> None:
        if delivery.destination in destinations:
            raise error

    return before


REFUSED = DeliveryError("no such mailbox", permanent=True)
BUSY = DeliveryError("try again later", permanent=False)
