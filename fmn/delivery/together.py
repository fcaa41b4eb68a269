"""Delivering several things at the same time in one thread, step by step."""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final

import structlog

from fmn.delivery.contract import (
    Channel,
    ChannelDownError,
    DeliveryError,
    HandOver,
    Outgoing,
    Pause,
    PausingChannel,
)

log = structlog.get_logger()

#: Milliseconds that are waited without a look at the clock.
LONGEST_WAIT: Final = 1000.0


#: Makes something ready to be handed over, as :meth:`~fmn.delivery.contract.PausingChannel.prepare` does.
Prepare = Callable[[Outgoing], HandOver]


class Attempt:
    """One delivery, as far as it has come: made ready, handed over in steps, or over.

    ``pause`` says what its next step waits for, once it has begun. ``receipt`` is what the other side said at
    the end, for the log.
    """

    pause: Pause
    receipt: Mapping[str, str] | None = None

    def __init__(self, prepare: Prepare, words: Outgoing) -> None:
        """Make it ready, which takes time but hands nothing over."""
        self.is_over = False
        self.error: DeliveryError | None = None
        self._key = words.key
        try:
            self._hand_over = prepare(words)
        except Exception as error:  # noqa: BLE001 - it's logged where it ends
            self._fail(error)

    def begin(self, until: float) -> None:
        """Begin to hand it over, which has to be done until then, in seconds of the monotonic clock."""
        if not self.is_over:
            self._steps = self._hand_over(until)
            self.go_on()

    def go_on(self) -> None:
        """Take the next step."""
        try:
            self.pause = next(self._steps)
        except StopIteration as over:
            self.receipt = over.value
            self.end(None)
        except Exception as error:  # noqa: BLE001 - it's logged where it ends
            self._fail(error)

    def end(self, error: DeliveryError | None) -> None:
        """It's over, with this error or none."""
        self.is_over, self.error = True, error

    def _fail(self, error: Exception) -> None:
        if isinstance(error, DeliveryError):
            self.end(error)
            return
        # What can't even be formatted is a fault of ours; nobody else's delivery may suffer from it.
        log.error("channel failed", key=self._key, exc_info=error)
        self.end(DeliveryError.internal(error))


def most_at_once(channel: Channel) -> int:
    """How many deliveries a thread has in such a channel's hands at the same time."""
    return channel.at_once if isinstance(channel, PausingChannel) else 1


def preparing(channel: Channel) -> Prepare:
    """What makes deliveries ready for a channel. It's found out once: asking takes as long as some do."""
    return channel.prepare if isinstance(channel, PausingChannel) else partial(partial, _at_once, channel)


def hand_over(attempts: Sequence[Attempt], until: float) -> None:
    """Take them all to their ends. Where one pauses, the others go on.

    What hasn't begun when the channel turns out to be down isn't tried.
    """
    down: DeliveryError | None = None
    for each in attempts:
        if down is not None:
            each.end(down)
            continue
        each.begin(until)
        if isinstance(each.error, ChannelDownError):
            down = each.error
    while going_on := [each for each in attempts if not each.is_over]:
        for each in _next(going_on):
            each.go_on()


def _next(attempts: Sequence[Attempt]) -> Sequence[Attempt]:
    """Those that have something to read or have waited long enough, as soon as there are any."""
    waiting = select.poll()
    for each in attempts:
        waiting.register(each.pause.connection, select.POLLIN)
    while True:
        left = (min(each.pause.too_late for each in attempts) - time.monotonic()) * 1000
        heard = {number for number, _ in waiting.poll(min(max(left, 0.0), LONGEST_WAIT))}
        now = time.monotonic()
        found = [
            each for each in attempts
            if each.pause.connection.fileno() in heard or each.pause.too_late <= now]
        if found:
            return found


def _at_once(channel: Channel, words: Outgoing, until: float) -> Iterator[Pause]:
    channel.deliver(words, until)
    yield from ()
