"""A server that greets, with or without TLS, and hangs up."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def greeter(certificate: Path | None = None) -> Iterator[int]:
    """The port of a server that greets whoever comes, by TLS if it has a certificate, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_greet, args=(listener, certificate))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _greet(listener: socket.socket, certificate: Path | None) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    if certificate is not None:
        context.load_cert_chain(certificate)
    while True:
        try:
            plain, _ = listener.accept()
        except OSError:  # it's over
            return
        with plain, suppress(OSError):
            if certificate is None:
                plain.sendall(b"hello\r\n")
            else:
                context.wrap_socket(plain, server_side=True).close()
