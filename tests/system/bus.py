"""A bus of several publishers, which sign what they send and know who listens."""

from __future__ import annotations

import itertools
import threading
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import zmq
from cryptography.hazmat.primitives.serialization import Encoding

from fmn.sources.fedmsg.signatures import MessageSigner
from fmn.sources.fedmsg.wire_frames import encode_frames
from tests.servers.ports import free_port
from tests.servers.waiting import wait_until
from tests.vectors.certificates import CertificateAuthority

#: Milliseconds that closing waits for messages to leave.
LINGER = 1000
SUBSCRIBED = b"\x01"


class Bus:
    """Publishers on addresses of their own; each message goes out over the next one. Threads may share it."""

    def __init__(self, directory: Path, publishers: int, host: str = "127.0.0.1") -> None:
        self.authority, self.revocations = directory / "ca.pem", directory / "crl.pem"
        self.endpoints = [f"tcp://{host}:{free_port()}" for _ in range(publishers)]
        self.published: dict[str, list[bytes]] = {}
        self._signer = self._make_certificates(directory)
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._sockets = [self._bound(endpoint) for endpoint in self.endpoints]
        self._turns = itertools.cycle(self._sockets)
        self._listeners = [0] * publishers
        self._lock = threading.Lock()

    def _make_certificates(self, directory: Path) -> MessageSigner:
        authority = CertificateAuthority()
        self.authority.write_bytes(authority.pem)
        gone = authority.issue("retired01.bus.example.org").certificate
        self.revocations.write_bytes(authority.revocations(gone).public_bytes(Encoding.PEM))
        return MessageSigner(*authority.issue("app01.bus.example.org").save(directory, "app01"))

    def _bound(self, endpoint: str) -> zmq.Socket[bytes]:
        # An XPUB socket is a PUB that tells who listens.
        made = self._context.socket(zmq.XPUB)
        made.setsockopt(zmq.XPUB_VERBOSER, 1)
        made.setsockopt(zmq.SNDHWM, 0)
        made.setsockopt(zmq.LINGER, LINGER)
        made.bind(endpoint)
        return made

    def sign(self, topic: str, msg: Any) -> tuple[str, list[bytes]]:
        """The id and the frames of a message as a service would send it."""
        msg_id = f"2026-{uuid.uuid4()}"
        return msg_id, self.signed({
            "topic": topic, "msg": msg, "timestamp": int(time.time()), "msg_id": msg_id,
            "i": len(self.published) + 1, "username": "apache"})

    def signed(self, body: Mapping[str, Any]) -> list[bytes]:
        """The frames of any body, signed."""
        return encode_frames(self._signer.sign(body))

    def send(self, msg_id: str, frames: list[bytes]) -> None:
        """Publish a message, and remember it."""
        self.published[msg_id] = frames
        self.carry(frames)

    def carry(self, frames: list[bytes]) -> None:
        """Send frames, whatever they are, to everybody who listens to the next publisher."""
        with self._lock:
            next(self._turns).send_multipart(frames, zmq.NOBLOCK)

    @property
    def listeners(self) -> int:
        """How many listeners there are on the publisher that has the fewest."""
        with self._lock:
            for number, publisher in enumerate(self._sockets):
                while publisher.poll(0):
                    said = publisher.recv(zmq.NOBLOCK)
                    self._listeners[number] += 1 if said.startswith(SUBSCRIBED) else -1
            return min(self._listeners)

    def wait_for_listeners(self, count: int, timeout: float = 60) -> None:
        """Wait until as many listen to every publisher."""
        wait_until(lambda: self.listeners >= count, timeout, f"the bus doesn't get {count} listeners")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        for publisher in self._sockets:
            publisher.close()
        self._context.term()
