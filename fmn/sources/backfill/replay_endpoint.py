"""Client of replay endpoints: publishers that store sent messages and return them over ZeroMQ."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

import zmq

from fmn.sources.backfill.backfill_source import MAX_BYTES, BackfillSourceError, Bodies, WindowTooLargeError
from fmn.sources.backfill.time_windows import SHORTEST, BackfillWindow
from fmn.sources.fedmsg.zmq_sockets import request_socket

#: Answer of an endpoint without messages, which it calls an error.
NO_MATCH: Final = "There was no match for the given query"
#: Messages of an answer above which the next windows are shorter, to save memory.
MAX_MESSAGES: Final = 5_000


class ReplayEndpoint:
    """The endpoint at ``address``, such as ``tcp://app01.example.org:3099``."""

    kind = "replay"

    def __init__(self, address: str, timeout_seconds: float, *, most_bytes: int = MAX_BYTES) -> None:
        self.address = address
        self._timeout_seconds = timeout_seconds
        self._most_bytes = most_bytes
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()

    def messages(self, window: BackfillWindow) -> Iterator[Bodies]:
        """See :class:`~fmn.sources.backfill.backfill_source.BackfillSource`."""
        frames = self._request({"time": [window.start, window.end]})
        if len(frames) > MAX_MESSAGES and window.seconds > SHORTEST:
            raise WindowTooLargeError(f"it has {len(frames)} messages")
        for some in _chunks(frames):
            try:
                bodies = [json.loads(frame) for frame in some]
            except (ValueError, RecursionError) as error:
                if _error_text(frames[0]) == NO_MATCH:
                    return
                raise BackfillSourceError(f"{self.address}: answers {_error_text(some[0])!r}") from error
            yield bodies

    def _request(self, query: object) -> list[bytes]:
        # A REQ socket without an answer can't be used again.
        with request_socket(self._context, self._most_bytes) as socket:
            try:
                socket.connect(self.address)
                socket.send(json.dumps(query).encode())
                if not socket.poll(round(self._timeout_seconds * 1000)):
                    raise BackfillSourceError(
                        f"{self.address}: didn't answer within {self._timeout_seconds:g} seconds")
                return socket.recv_multipart()
            except zmq.ZMQError as error:
                raise BackfillSourceError(f"{self.address} doesn't answer: {error.strerror}") from error

    def close(self) -> None:
        """Close the socket."""
        self._context.term()


def _chunks(frames: list[bytes]) -> Iterator[list[bytes]]:
    """The frames in chunks whose decoding takes no more memory than an archive's page."""
    some, size = list[bytes](), 0
    for frame in frames:
        if some and size + len(frame) > MAX_BYTES:
            yield some
            some, size = [], 0
        some.append(frame)
        size += len(frame)
    yield some


def _error_text(frame: bytes) -> str:
    """Error message of an endpoint: ``error: '…'``."""
    return frame.decode(errors="replace")[:200].removeprefix("error: ").strip("'\"")
