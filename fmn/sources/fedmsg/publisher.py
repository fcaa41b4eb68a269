"""Publisher of messages on the bus, signed if there's a key."""

from __future__ import annotations

import getpass
import os
import time
import uuid
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import zmq

from fmn.settings import PublishSettings
from fmn.sources.errors import BusError
from fmn.sources.fedmsg.signatures import MessageSigner
from fmn.sources.fedmsg.wire_frames import encode_frames
from fmn.sources.fedmsg.zmq_sockets import Context, publisher_socket
from fmn.sources.outgoing import as_json, full_topic


class Publisher:
    """Publisher that numbers its messages from 1 and gives each an id. A context manager; not thread-safe.

    Binds its address for subscribers, or connects to a relay there.
    """

    def __init__(self, settings: PublishSettings, context: Context | None = None) -> None:
        """Open the socket.

        :raises BusError: the address, the key or the certificate can't be used
        """
        self._settings = settings
        self._signer = _signer(settings)
        self._context, self._owns_context = context or zmq.Context(), context is None
        self._socket = publisher_socket(self._context)
        self._username = _system_user()
        self._count = 0
        self._open()
        self._settled_at = time.monotonic() + settings.settle_seconds

    def _open(self) -> None:
        endpoint, mode = self._settings.endpoint, self._settings.mode
        try:
            if mode == "bind":
                self._socket.bind(endpoint)
            else:
                self._socket.connect(endpoint)
        except zmq.ZMQError as error:
            self.close()
            raise BusError(f"fmn.publish.endpoint: can't {mode} {endpoint}: {error.strerror}") from error

    def publish(self, event_topic: str, msg: object, msg_id: str = "") -> dict[str, Any]:
        """Send ``msg``, any JSON, under ``event_topic`` and return the body that was sent.

        The topic's prefix and environment come from the settings unless ``event_topic`` begins with the
        prefix already. Pass ``msg_id`` for a message that may be sent twice. The first call waits until the
        socket is ``settle_seconds`` old, since ZeroMQ drops messages sent before subscribers connect.

        :raises BusError: the message can't be signed or sent
        """
        body = self._body(full_topic(self._settings, event_topic), msg, msg_id)
        time.sleep(max(0.0, self._settled_at - time.monotonic()))
        self._socket.send_multipart(encode_frames(body), zmq.NOBLOCK)
        return body

    def _body(self, topic: str, msg: object, msg_id: str) -> dict[str, Any]:
        msg = as_json(msg)
        self._count += 1
        body = {
            "topic": topic,
            "msg": msg,
            "timestamp": int(time.time()),
            "msg_id": msg_id or f"{datetime.now().astimezone().year}-{uuid.uuid4()}",
            "i": self._count,
            "username": self._username,
        }
        return body if self._signer is None else self._signer.sign(body)

    def close(self) -> None:
        """Close the socket after all messages left, or after a second."""
        self._socket.close()
        if self._owns_context:
            self._context.term()

    def __enter__(self) -> Self:
        return self

    def __exit__(
            self, kind: type[BaseException] | None, error: BaseException | None,
            trace: TracebackType | None) -> None:
        self.close()


def _signer(settings: PublishSettings) -> MessageSigner | None:
    certificate, key = settings.certificate_file, settings.key_file
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        missing = "certificate_file" if certificate is None else "key_file"
        raise BusError(f"fmn.publish.{missing} is missing: signing takes a certificate and its key")
    return MessageSigner(certificate, key)


def _system_user() -> str:
    """The system account of this process; its uid where it has no name, as in some containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # OSError since Python 3.13
        return str(os.getuid())
