"""Waitress server for running the web app in a thread. In production ``pserve`` runs it."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Event
from typing import Any, Final

from waitress import wasyncore
from waitress.server import create_server

from fmn.settings.sources import LARGEST_HOOK_BODY
from webapp.request import WsgiApplication

#: Seconds: how soon a stop is noticed while nobody asks for anything, and what a last answer may take then.
POLL_SECONDS: Final = 0.2
SHUTDOWN_SECONDS: Final = 1
#: Seconds after which a thread of Python's has to let another one go on. A page lets others go on at each
#: question to the database, and waits so long for each answer while somebody's preview is worked on: with
#: Python's default of 5 ms it took 3.4 times as long as by itself, with this one twice.
THREAD_SWITCH_SECONDS: Final = 0.0005
#: Bytes of the largest request, a forge's webhook. :mod:`webapp.request_validation` bounds all others.
LARGEST_REQUEST: Final = LARGEST_HOOK_BODY
#: What bounds clients that are slow, many or large, as waitress calls it; production.ini has the same for
#: ``pserve``. A client that is slow to ask holds no thread: a request is read whole before one works on it.
ADJUSTMENTS: Final[Mapping[str, Any]] = {
    # Requests served at once. One person has two of them, and one that waits.
    "threads": 8,
    # With what each may keep in a file, they fit into the 1024 file descriptors of a process.
    "connection_limit": 400,
    # Seconds without a byte after which a client is sent away, and between two looks at that.
    "channel_timeout": 30,
    "cleanup_interval": 10,
    # select() knows no file descriptor above 1023.
    "asyncore_use_poll": True,
    "max_request_header_size": 65_536,
    "max_request_body_size": LARGEST_REQUEST,
    # Bytes above which one is kept in a file, so that all connections together take 26 MB of memory.
    "inbuf_overflow": 65_536,
    # Requests read ahead of a connection whose last one is being answered. Without any it isn't noticed that
    # a client is gone, and a preview is made for nobody.
    "channel_request_lookahead": 1,
}


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Context manager with a bound socket; port 0 means a free one. Raises :class:`OSError` if it's taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen()  # until then somebody else may bind it as well
        yield bound


def shorten_thread_switch_interval() -> None:
    """Shorten Python's thread switch interval, so that pages don't wait for previews."""
    sys.setswitchinterval(THREAD_SWITCH_SECONDS)


def serve(app: WsgiApplication, bound: socket.socket, stop: Event) -> None:
    """Serve the app on this socket until ``stop`` is set.

    Headers of untrusted proxies are passed on, for the trial's sign-in to refuse such requests.
    """
    channels: dict[int, Any] = {}
    server = create_server(
        app, map=channels, sockets=[bound], ident="", clear_untrusted_proxy_headers=False, **ADJUSTMENTS)
    try:
        while not stop.is_set():
            wasyncore.loop(timeout=POLL_SECONDS, use_poll=True, map=channels, count=1)
    finally:
        server.task_dispatcher.shutdown(cancel_pending=True, timeout=SHUTDOWN_SECONDS)
        wasyncore.close_all(channels, ignore_all=True)
