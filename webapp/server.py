"""Serving the web app from a thread of another program. In production ``pserve`` does it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any, Final

from waitress import wasyncore
from waitress.server import create_server

from webapp.request import WsgiApplication

#: Seconds: how soon a stop is noticed while nobody asks for anything, and what a last answer may take then.
NOTICE_SECONDS: Final = 0.2
FINISH_SECONDS: Final = 1
#: Requests served at once, and bytes of the largest one. Ours are small forms.
THREADS: Final = 4
LARGEST_REQUEST: Final = 1_000_000


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket bound to an address, with port 0 to a free one. Raises :class:`OSError` if it's taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen()  # until then somebody else may bind it as well
        yield bound


def serve(app: WsgiApplication, bound: socket.socket, stop: Event) -> None:
    """Answer on this socket until ``stop`` is set."""
    channels: dict[int, Any] = {}
    server = create_server(
        app, map=channels, sockets=[bound], threads=THREADS, ident="",
        max_request_body_size=LARGEST_REQUEST)
    try:
        while not stop.is_set():
            wasyncore.loop(timeout=NOTICE_SECONDS, map=channels, count=1)
    finally:
        server.task_dispatcher.shutdown(cancel_pending=True, timeout=FINISH_SECONDS)
        wasyncore.close_all(channels, ignore_all=True)
