"""Delivering several things at the same time in one thread, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import structlog

from fmn.delivery.contract import Channel, ChannelDownError, DeliveryError, Outgoing, PausingChannel

log = structlog.get_logger()


def most_at_once(channel: Channel) -> int:
    """How many deliveries a thread has in such a channel's hands at the same time."""
    return channel.at_once if isinstance(channel, PausingChannel) else 1


def deliver_together(
    channel: Channel, outgoing: Sequence[Outgoing], until: float,
) -> Sequence[DeliveryError | None]:
    """Deliver them; returns what went wrong with each. Where one pauses, the others go on.

    What hasn't begun when the channel turns out to be down isn't tried.
    """
    delivering = channel.delivering if isinstance(channel, PausingChannel) else partial(_whole, channel)
    attempts: list[_Attempt] = []
    for words in outgoing:
        down = next((each.error for each in attempts if isinstance(each.error, ChannelDownError)), None)
        attempts.append(_Attempt(words, delivering(words, until)))
        if down is None:
            attempts[-1].go_on()
        else:
            attempts[-1].end(down)
    while going_on := [each for each in attempts if not each.is_over]:
        for each in going_on:
            each.go_on()
    return [each.error for each in attempts]


class _Attempt:
    """One delivery, as far as it has come."""

    def __init__(self, words: Outgoing, steps: Iterator[None]) -> None:
        self.is_over = False
        self.error: DeliveryError | None = None
        self._words, self._steps = words, steps

    def go_on(self) -> None:
        """Take the next step."""
        try:
            next(self._steps)
        except StopIteration:
            self.end(None)
        except DeliveryError as error:
            self.end(error)
        except Exception as error:
            # What can't even be formatted is a fault of ours; nobody else's delivery may suffer from it.
            log.exception("channel failed", key=self._words.key)
            self.end(DeliveryError.internal(error))

    def end(self, error: DeliveryError | None) -> None:
        """It's over, with this error or none."""
        self.is_over, self.error = True, error


def _whole(channel: Channel, words: Outgoing, until: float) -> Iterator[None]:
    """A delivery in a single step."""
    channel.deliver(words, until)
    yield from ()
