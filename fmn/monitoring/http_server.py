"""Answering those who watch over a process, at an address of its own: ``/metrics``, ``/livez``, ``/readyz``.

It's not for the world: there's no sign-in. Nothing is opened unless ``fmn.metrics.listen`` says where.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from threading import Thread
from typing import Any, Final
from urllib.parse import urlsplit

from prometheus_client import make_wsgi_app
from waitress.server import create_server

from fmn.errors import OperatorError
from fmn.monitoring.metrics_registry import metrics_registry
from fmn.monitoring.probes import Probe
from fmn.settings import MetricsSettings

#: Requests answered at once: one that waits for a database that doesn't answer mustn't hold up the others.
THREADS: Final = 3
#: Bytes of a request's body: nobody has anything to send.
LARGEST_REQUEST: Final = 1_000

StartResponse = Callable[[str, list[tuple[str, str]]], object]
WsgiApplication = Callable[[Mapping[str, Any], StartResponse], Iterable[bytes]]


def open_socket(settings: MetricsSettings) -> socket.socket | None:
    """A socket that listens where the settings say, if they do. Raises :class:`OperatorError`."""
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


def serve(listening: socket.socket | None, probes: Mapping[str, Probe]) -> None:
    """Answer on this socket, if there is one, in a thread that ends with the process.

    ``probes`` are there by their paths.
    """
    if listening is not None:
        server = create_server(
            application(probes), map={}, sockets=[listening], threads=THREADS, ident="",
            max_request_body_size=LARGEST_REQUEST)
        Thread(target=server.run, name="monitoring", daemon=True).start()


def application(probes: Mapping[str, Probe]) -> WsgiApplication:
    """What answers."""
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
