"""Channels that hand things over to nobody but remember them, and do what a test tells them to."""

from __future__ import annotations

import math
import socket
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from fmn.delivery.contract import DeliveryError, HandOver, Outgoing, Pause


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


class SteppingChannel:
    """Takes steps, three at once: "ready a", "agree a" and "hand over a" for somebody called a.

    ``asked`` says what the other side is asked before all is agreed. ``before`` may do anything, or raise,
    before a step. The other side answers each at once, but those in ``unanswered`` only when it's told to.
    """

    name, at_once = "email", 3
    #: Seconds after which it's too late for an answer.
    patience = 30.0

    def __init__(self, before: Callable[[str], None] = lambda _step: None) -> None:
        self.before = before
        self.asked: Sequence[str] = ("agree",)
        self.done: list[str] = []
        self.unanswered: set[str] = set()
        self._other_sides: dict[str, socket.socket] = {}
        self._open: list[socket.socket] = []

    def deliver(self, outgoing: Outgoing, until: float = math.inf) -> None:
        raise AssertionError("it's told to do it in steps")

    def prepare(self, outgoing: Outgoing) -> HandOver:
        who = outgoing.destination.partition("@")[0]
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
        yield self._said(f"hand over {who}")
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
    """For :attr:`SteppingChannel.before`: raise these before these steps, with ``_`` for their blanks."""
    def before(step: str) -> None:
        if step.replace(" ", "_") in errors:
            raise errors[step.replace(" ", "_")]

    return before


def failing_for(*destinations: str, error: Exception) -> Callable[[Outgoing], None]:
    """For :attr:`RecordingChannel.before`: raise the error for these destinations."""
    def before(outgoing: Outgoing) -> None:
        if outgoing.destination in destinations:
            raise error

    return before


REFUSED = DeliveryError("no such mailbox", permanent=True)
BUSY = DeliveryError("try again later", permanent=False)
