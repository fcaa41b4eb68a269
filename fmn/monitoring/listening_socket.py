"""The listening socket of a process's HTTP server, opened here or inherited.

Apart from the server, so that a process that only hands the socket on imports nothing else.
"""

from __future__ import annotations

import os
import socket
from typing import Final
from urllib.parse import urlsplit

from fmn.errors import OperatorError
from fmn.settings import MetricsSettings

#: Environment variable with the file descriptor of the socket that a worker's processes share.
SOCKET_VARIABLE: Final = "OBSERVATION_SOCKET"


def open_socket(settings: MetricsSettings) -> socket.socket | None:
    """Open the listening socket, ``None`` without ``fmn.metrics.listen``. Raises :class:`OperatorError`."""
    if not settings.listen:
        return None
    parts = urlsplit(f"//{settings.listen}")
    host, port = parts.hostname or "", parts.port or 0
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise OperatorError(
            f"fmn.metrics.listen = {settings.listen} can't be used: {error.strerror}. Each process on a host "
            "needs an address of its own: say it in its environment, as FMN_METRICS_LISTEN") from error


def open_inheritable_socket(settings: MetricsSettings) -> bool:
    """Open the listening socket for the program that this process becomes; returns whether one is configured.

    A mistake in the setting is reported here, once, rather than by processes that are restarted for ever.
    """
    listening = open_socket(settings)
    if listening is None:
        return False
    listening.set_inheritable(True)
    os.environ[SOCKET_VARIABLE] = str(listening.detach())
    return True
