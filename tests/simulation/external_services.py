"""What is outside of an installation: the bus, and who takes what is sent."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial

from fmn.delivery.contract import ChannelDownError, DeliveryError, Pause, RenderedDelivery, Transmission
from tests.simulation.virtual_processes import Kind, Machine, Process


@dataclass(frozen=True)
class Sent:
    """Something that somebody got: ``tokens`` name the messages in it, ``at`` is in seconds since 1970."""

    key: str
    context: str
    destination: str
    tokens: tuple[str, ...]
    at: float
    sender: Process


class Receivers:
    """The mail server, and the receiver of web hooks. They remember what they were sent."""

    def __init__(self, machine: Machine, now: Callable[[], float]) -> None:
        self.sent: list[Sent] = []
        self._tries: Counter[str] = Counter()
        self._machine, self._now = machine, now
        #: Called with what is handed over, before it's taken.
        self.on_send: Callable[[str, Process], None] = lambda _key, _sender: None

    def transmit(self, context: str, delivery: RenderedDelivery, until: float) -> None:
        """Send something, which is a step. Raises :class:`DeliveryError`."""
        self._machine.step(Kind.SEND, partial(self._take, context, delivery, until))

    def _take(self, context: str, delivery: RenderedDelivery, until: float) -> None:
        # The last moment: nothing can happen between this look and sending, see docs/explanation/promises.
        if time.monotonic() >= until:
            raise DeliveryError("it's too late to send it under this claim", permanent=False)
        self._answer(delivery.destination)
        sender = self._machine.running
        assert sender is not None
        self.on_send(delivery.key, sender)
        tokens = tuple(item.message.msg_id for item in delivery.items)
        self.sent.append(Sent(delivery.key, context, delivery.destination, tokens, self._now(), sender))

    def _answer(self, destination: str) -> None:
        """Refuse what is refused."""
        who = destination.partition("@")[0]
        self._tries[who] += 1
        if who == "flaky" and self._tries[who] <= 2:
            raise DeliveryError("try again later", permanent=False)
        if who == "gone":
            raise DeliveryError("we don't take this", permanent=True)
        if who.startswith("https") and self._tries[who] == 1:
            raise ChannelDownError("nobody is there")


class OneByOne:
    """A channel that delivers one thing at a time."""

    def __init__(self, name: str, receivers: Receivers) -> None:
        self.name, self._receivers = name, receivers

    def deliver(self, delivery: RenderedDelivery, until: float = math.inf) -> None:
        self._receivers.transmit(self.name, delivery, until)

    def close(self) -> None:
        pass


class SeveralAtOnce(OneByOne):
    """A channel that has several things in its hands at the same time, as mail does."""

    batch_size = 2

    def prepare(self, delivery: RenderedDelivery) -> Transmission:
        return partial(self._steps, delivery)

    def _steps(self, delivery: RenderedDelivery, until: float) -> Generator[Pause, None, None]:
        yield Pause(None, until)
        self.deliver(delivery, until)


class Bus:
    """Messages on their way to the consumers, as frames with a name each."""

    def __init__(self, machine: Machine) -> None:
        self.waiting: list[tuple[str, Sequence[bytes]]] = []
        self._held: dict[Process, list[tuple[str, Sequence[bytes]]]] = {}
        self._machine = machine

    @property
    def holders(self) -> set[Process]:
        """Who has some in its hands."""
        return set(self._held)

    def take(self, process: Process, most: int) -> list[Sequence[bytes]]:
        """Give a process some."""
        self._held[process], self.waiting = self.waiting[:most], self.waiting[most:]
        self._machine.changes += 1
        return [frames for _, frames in self._held[process]]

    def kept(self, process: Process) -> None:
        """The process has stored or spooled what it was given."""
        self._held.pop(process, None)

    def lost(self, process: Process, is_kept: Callable[[str], bool]) -> None:
        """A process died with messages in its hands: what it didn't store comes again, by catching up."""
        held = self._held.pop(process, [])
        self.waiting = [one for one in held if not is_kept(one[0])] + self.waiting
