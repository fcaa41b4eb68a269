"""A bus in memory, with frames as they come from ZeroMQ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Event

from fmn.sources.fedmsg.wire_frames import encode_frames
from tests.factories.messages import NOON, make_message

Frames = list[bytes]


class MemoryBus:
    """Gives the batches that it was made with, and ends then."""

    def __init__(self, *batches: Sequence[Frames]) -> None:
        self._batches = batches

    def batches(
        self, stop: Event, size: int = 100, wait_milliseconds: int = 50,
    ) -> Iterator[list[Frames]]:
        for batch in self._batches:
            if not stop.is_set():
                yield list(batch)


def frames_of(number: int, topic: str | None = None) -> Frames:
    """A message as it arrives, without a signature."""
    message = make_message(number)
    return encode_frames({
        "topic": topic or message.topic, "msg_id": message.msg_id, "timestamp": int(NOON.timestamp()),
        "msg": message.body,
    })
