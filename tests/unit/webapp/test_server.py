from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

from tests.servers.waiting import wait_until
from webapp.server import listening, serve

#: Seconds within which whoever is gone is noticed, however busy the machine is.
NOTICED = 30


def test_it_is_noticed_while_an_answer_is_made_that_nobody_waits_for_it() -> None:
    # Given an answer that takes until its client is gone
    begun, noticed, stop = Event(), Event(), Event()

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        begun.set()
        wait_until(environ["waitress.client_disconnected"], NOTICED, "nobody noticed")
        noticed.set()
        start_response("204 No Content", [])
        return []

    with listening("127.0.0.1", 0) as bound, ThreadPoolExecutor(1) as pool:
        served = pool.submit(serve, app, bound, stop)
        try:
            # When somebody asks for it and goes away
            with socket.create_connection(bound.getsockname()) as client:
                client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert begun.wait(NOTICED)
            # Then it ends
            assert noticed.wait(NOTICED)
        finally:
            stop.set()
            served.result()
