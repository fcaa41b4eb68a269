"""The web app's own server, in a thread of the tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from webapp.server import listening, serve


@contextmanager
def served(app: Any) -> Iterator[tuple[str, int]]:
    """A WSGI application that is served; where it listens."""
    stop = Event()
    with listening("127.0.0.1", 0) as bound:
        thread = Thread(target=serve, args=(app, bound, stop))
        thread.start()
        try:
            host, port = bound.getsockname()
            yield host, port
        finally:
            stop.set()
            thread.join()
