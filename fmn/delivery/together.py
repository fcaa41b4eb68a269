"""Delivering several things at the same time in one thread, step by step."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import structlog

from fmn.delivery.contract import Channel, ChannelDownError, DeliveryError, Outgoing, PausingChannel

log = structlog.get_logger()


class Attempt:
    """One delivery, as far as it has come: made ready, handed over in steps, or over."""

    def __init__(self, channel: Channel, words: Outgoing) -> None:
        """Make it ready, which takes time but hands nothing over."""
        self.is_over = False
        self.error: DeliveryError | None = None
        self._key = words.key
        self._steps = self._of(channel, words)
        self._until = -math.inf
        self.go_on()

    def begin(self, until: float) -> None:
        """Begin to hand it over, which has to be done until then, in seconds of the monotonic clock."""
        self._until = until
        self.go_on()

    def go_on(self) -> None:
        """Take the next step, unless it's over."""
        if self.is_over:
            return
        try:
            next(self._steps)
        except StopIteration:
            self.end(None)
        except DeliveryError as error:
            self.end(error)
        except Exception as error:
            # What can't even be formatted is a fault of ours; nobody else's delivery may suffer from it.
            log.exception("channel failed", key=self._key)
            self.end(DeliveryError.internal(error))

    def end(self, error: DeliveryError | None) -> None:
        """It's over, with this error or none."""
        self.is_over, self.error = True, error

    def _of(self, channel: Channel, words: Outgoing) -> Iterator[None]:
        if isinstance(channel, PausingChannel):
            hand_over = channel.prepare(words)
            yield
            yield from hand_over(self._until)
        else:
            yield
            channel.deliver(words, self._until)


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
        for each in going_on:
            each.go_on()
