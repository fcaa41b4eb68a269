"""HTTP server for ``/metrics``, ``/livez`` and ``/readyz`` of a process, at an address of its own.

It has no authentication, so it must not be public. It listens only if ``fmn.metrics.listen`` is set.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from threading import Thread
from typing import Any, Final

from prometheus_client import make_wsgi_app
from waitress.server import create_server

from fmn.monitoring.metrics_registry import metrics_registry
from fmn.monitoring.probes import Probe

#: Threads: a request that waits for a database that doesn't answer mustn't delay the others.
THREADS: Final = 3
#: Most bytes of a request's body: no request needs one.
LARGEST_REQUEST: Final = 1_000

StartResponse = Callable[[str, list[tuple[str, str]]], object]
WsgiApplication = Callable[[Mapping[str, Any], StartResponse], Iterable[bytes]]


def serve(listening: socket.socket | None, probes: Mapping[str, Probe]) -> None:
    """Serve requests on this socket, if there is one, in a daemon thread. ``probes`` are by path."""
    if listening is not None:
        server = create_server(
            application(probes), map={}, sockets=[listening], threads=THREADS, ident="",
            max_request_body_size=LARGEST_REQUEST)
        Thread(target=server.run, name="monitoring", daemon=True).start()


def application(probes: Mapping[str, Probe]) -> WsgiApplication:
    """The WSGI application with ``/metrics`` and the probes."""
    metrics: WsgiApplication = make_wsgi_app(metrics_registry())

    def answer(environ: Mapping[str, Any], start: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/metrics":
            return metrics(environ, start)
        if (probe := probes.get(path)) is None:
            return _text(HTTPStatus.NOT_FOUND, f"There are {', '.join(['/metrics', *probes])}.", start)
        found = probe()
        return _text(HTTPStatus.SERVICE_UNAVAILABLE if found.problem else HTTPStatus.OK, str(found), start)

    return answer


def _text(status: HTTPStatus, text: str, start: StartResponse) -> Iterable[bytes]:
    start(f"{status.value} {status.phrase}", [
        ("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")])
    return [f"{text}\n".encode()]
