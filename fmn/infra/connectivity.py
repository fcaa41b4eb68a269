"""Connection tests: TCP and TLS, without sending anything."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from typing import Final

#: Seconds for a connection, and again for TLS.
TIMEOUT_SECONDS: Final = 5.0


class UnreachableError(Exception):
    """A server can't be reached or isn't trusted; the text says why and what to check."""


def connect_tcp(host: str, port: int) -> None:
    """Open and close a TCP connection. Raises :class:`UnreachableError`."""
    with _connection(host, port):
        pass


def connect_tls(host: str, port: int, ca_file: Path | None) -> str:
    """Open and close a TLS connection; returns the negotiated version, such as ``TLSv1.3``.

    Raises :class:`UnreachableError`.
    """
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise UnreachableError(f"{ca_file} can't be used: {error.strerror or error}.") from error
    with _connection(host, port) as plain:
        try:
            with context.wrap_socket(plain, server_hostname=host) as secure:
                return secure.version() or "TLS"
        except ssl.SSLCertVerificationError as error:
            raise UnreachableError(
                f"its certificate isn't trusted ({error.verify_message}): "
                "name the authority that issued it, or the host by the name that it has there.") from error
        except OSError as error:
            raise UnreachableError(f"it doesn't speak TLS there: {error.strerror or error}.") from error


def _connection(host: str, port: int) -> socket.socket:
    try:
        return socket.create_connection((host, port), timeout=TIMEOUT_SECONDS)
    except socket.gaierror as error:
        raise UnreachableError(f"the name {host} isn't known here: is it spelt right?") from error
    except TimeoutError as error:
        raise UnreachableError("nobody answers: is a firewall in between?") from error
    except OSError as error:
        raise UnreachableError(f"{error.strerror or error}: does it run, and is the port right?") from error
