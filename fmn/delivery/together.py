"""Delivering several things at the same time in one thread, step by step."""

from __future__ import annotations

import select
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
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


class Attempt:
    """One delivery, as far as it has come: made ready, handed over in steps, or over.

    ``pause`` says what its next step waits for, once it has begun. ``receipt`` is what the other side said at
    the end, for the log.
    """

    pause: Pause
    receipt: Mapping[str, str] | None = None

    def __init__(self, channel: Channel, words: Outgoing) -> None:
        """Make it ready, which takes time but hands nothing over."""
        self.is_over = False
        self.error: DeliveryError | None = None
        self._key = words.key
        with self._ending_where_it_fails():
            self._hand_over = _ready(channel, words)

    def begin(self, until: float) -> None:
        """Begin to hand it over, which has to be done until then, in seconds of the monotonic clock."""
        if not self.is_over:
            self._steps = self._hand_over(until)
            self.go_on()

    def go_on(self) -> None:
        """Take the next step."""
        with self._ending_where_it_fails():
            try:
                self.pause = next(self._steps)
            except StopIteration as over:
                self.receipt = over.value
                self.end(None)

    def end(self, error: DeliveryError | None) -> None:
        """It's over, with this error or none."""
        self.is_over, self.error = True, error

    @contextmanager
    def _ending_where_it_fails(self) -> Iterator[None]:
        try:
            yield
        except DeliveryError as error:
            self.end(error)
        except Exception as error:
            # What can't even be formatted is a fault of ours; nobody else's delivery may suffer from it.
            log.exception("channel failed", key=self._key)
            self.end(DeliveryError.internal(error))


def most_at_once(channel: Channel) -> int:
    """How many deliveries a thread has in such a channel's hands at the same time."""
    return channel.at_once if isinstance(channel, PausingChannel) else 1


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


def _ready(channel: Channel, words: Outgoing) -> HandOver:
    if isinstance(channel, PausingChannel):
        return channel.prepare(words)
    return partial(_at_once, channel, words)


def _at_once(channel: Channel, words: Outgoing, until: float) -> Iterator[Pause]:
    channel.deliver(words, until)
    yield from ()
