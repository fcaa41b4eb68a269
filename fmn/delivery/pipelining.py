"""Pipelining: several deliveries at the same time in one thread, step by step."""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, repeat
from typing import Final

import structlog

from fmn.delivery.contract import (
    Channel,
    ChannelDownError,
    DeliveryError,
    Pause,
    PipelinedChannel,
    RenderedDelivery,
    Transmission,
    milliseconds_until,
)

log = structlog.get_logger()

#: Prepares a delivery, as :meth:`~fmn.delivery.contract.PipelinedChannel.prepare` does.
Prepare = Callable[[RenderedDelivery], Transmission]

#: Seconds for which the one that was asked last is waited for alone.
_A_MOMENT: Final = 0.02
_NOTHING_LEFT: Final = object()


class DeliveryAttempt:
    """An attempt to deliver: prepared, negotiated and transmitted in steps, or ended.

    ``pause`` is what its next step waits for, once it has begun. ``receipt`` is what the server returned,
    for the log.
    """

    pause: Pause
    receipt: Mapping[str, str] | None = None

    def __init__(self, prepare: Prepare, delivery: RenderedDelivery) -> None:
        """Prepare the delivery, which sends nothing."""
        self.is_over = False
        self._steps: Generator[Pause, None, Mapping[str, str] | None] | None = None
        self.error: DeliveryError | None = None
        self._key = delivery.key
        try:
            self._transmission = prepare(delivery)
        except Exception as error:  # noqa: BLE001 - it's logged where it ends
            self._fail(error)

    def begin(self, until: float) -> None:
        """Start the transmission, which must end by ``until`` in seconds of the monotonic clock."""
        if not self.is_over:
            self._steps = self._transmission(until)
            self.resume()

    def resume(self) -> None:
        """Take the next step."""
        assert self._steps is not None
        try:
            self.pause = next(self._steps)
        except StopIteration as over:
            self.receipt = over.value
            self.end(None)
        except Exception as error:  # noqa: BLE001 - it's logged where it ends
            self._fail(error)

    def end(self, error: DeliveryError | None) -> None:
        """End the attempt, with this error or none."""
        self.is_over, self.error = True, error

    def abandon(self) -> None:
        """Abandon the attempt, even if it's negotiated."""
        self.is_over = True
        if self._steps is not None:
            self._steps.close()

    def _fail(self, error: Exception) -> None:
        if isinstance(error, DeliveryError):
            self.end(error)
            return
        # What can't even be formatted is a fault of ours; nobody else's delivery may suffer from it.
        log.error("channel failed", key=self._key, exc_info=error)
        self.end(DeliveryError.internal(error))


def batch_size_of(channel: Channel) -> int:
    """Number of deliveries that a thread pipelines through a channel."""
    return channel.batch_size if isinstance(channel, PipelinedChannel) else 1


def preparer(channel: Channel) -> Prepare:
    """The function that prepares deliveries for a channel. Finding it takes as long as some deliveries do."""
    return channel.prepare if isinstance(channel, PipelinedChannel) else partial(
        partial, _in_one_step, channel)


def negotiate(
    attempts: Sequence[DeliveryAttempt], until: float, down: DeliveryError | None = None,
    meanwhile: Iterable[object] = (),
) -> None:
    """Step attempts until all that's left is to transmit them, or until they end.

    Once an attempt finds the channel down, or with ``down``, further attempts end with that error. While no
    answer has come, ``meanwhile`` is stepped through, completely in the end.
    """
    for each in attempts:
        if down is not None:
            each.end(down)
            continue
        each.begin(until)
        if isinstance(each.error, ChannelDownError):
            down = each.error
    steps = iter(meanwhile)
    _resume_all(attempts, chain(steps, repeat(_NOTHING_LEFT)))
    for _ in steps:
        pass


def transmit(attempts: Sequence[DeliveryAttempt], meanwhile: Iterable[object] = ()) -> None:
    """Step negotiated attempts to their ends. Where one pauses, others go on.

    While there's nothing to be heard of any, ``meanwhile`` is gone through step by step.
    """
    steps = chain(meanwhile, repeat(_NOTHING_LEFT))
    while left := [each for each in attempts if not each.is_over]:
        for each in left:
            each.resume()
        _resume_all(left, steps)


def _resume_all(attempts: Iterable[DeliveryAttempt], meanwhile: Iterator[object]) -> None:
    """Step all attempts until none waits for an answer."""
    waiting = _Poller()
    for each in attempts:
        waiting.add(each)
    step: object = None
    while waiting:
        while step is not _NOTHING_LEFT and waiting.is_idle:
            step = next(meanwhile)
        for each in waiting.next():
            each.resume()
            waiting.add(each)


class _Poller:
    """Poll of the attempts that wait for an answer."""

    def __init__(self) -> None:
        self._poll = select.poll()
        self._by_number: dict[int, DeliveryAttempt] = {}

    def __bool__(self) -> bool:
        return bool(self._by_number)

    @property
    def is_idle(self) -> bool:
        """Whether no attempt has an answer yet."""
        return not self._poll.poll(0)

    def add(self, attempt: DeliveryAttempt) -> None:
        """Add an attempt if it waits for an answer."""
        if not attempt.is_over and attempt.pause.connection is not None:
            number = attempt.pause.connection.fileno()
            self._poll.register(number, select.POLLIN)
            self._by_number[number] = attempt

    def next(self) -> Sequence[DeliveryAttempt]:
        """Remove and return attempts whose connection is readable, or else whose deadline has passed.

        When the one that was asked last has its answer, most others have theirs, and are heard together: to
        be woken up for each takes longer than to read it. A slow one holds the others up for a moment.
        """
        soonest = min(each.pause.deadline for each in self._by_number.values())
        if self.is_idle:
            last = next(reversed(self._by_number.values()))
            Pause(last.pause.connection, min(soonest, time.monotonic() + _A_MOMENT)).wait()
        found = [number for number, _ in self._poll.poll(milliseconds_until(soonest))]
        if not found:
            now = time.monotonic()
            found = [number for number, each in self._by_number.items() if each.pause.deadline <= now]
        for number in found:
            self._poll.unregister(number)
        return [self._by_number.pop(number) for number in found]


def _in_one_step(channel: Channel, delivery: RenderedDelivery, until: float) -> Generator[Pause, None, None]:
    yield Pause(None, until)
    channel.deliver(delivery, until)
