"""Serving metrics and probes from the processes that there are: which of them needs what to be ready."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from itertools import chain
from typing import Final

import dramatiq
from dramatiq.middleware import Middleware

from fmn.channels import KEEP_CONNECTED_FOR
from fmn.infra import metrics
from fmn.monitoring.clock_skew import skew_notes
from fmn.monitoring.http_server import open_socket, serve
from fmn.monitoring.probes import Probe, broker_check, database_check, liveness, readiness
from fmn.settings import MetricsSettings
from fmn.wiring import Services

#: Tells the processes of a worker by which file descriptor they listen: they share the address.
SOCKET_VARIABLE: Final = "OBSERVATION_SOCKET"
BACKEND_QUEUES: Final = "backend."


def serve_endpoints(services: Services) -> None:
    """Serve what consumers and schedulers are asked. Raises :class:`~fmn.errors.OperatorError`."""
    serve(open_socket(services.settings.metrics), {"/livez": liveness(), "/readyz": _readiness_of(services)})


def serve_feed_endpoints(services: Services) -> None:
    """Serve what the live feed is asked: it needs the database alone."""
    serve(open_socket(services.settings.metrics), {
        "/livez": liveness(), "/readyz": readiness(
            database_check(services.database), notes=skew_notes(services.database))})


def serve_web_endpoints(services: Services) -> None:
    """Serve the web app's metrics. Supervisors ask the app itself, for that's what people are served by."""
    serve(open_socket(services.settings.metrics), {})


def open_inheritable_socket(settings: MetricsSettings) -> bool:
    """Open the address for the program that this process becomes, and for those that it starts.

    Whether there's one. A mistake in it is told now, in a sentence, rather than by a process that starts
    again and again.
    """
    listening = open_socket(settings)
    if listening is None:
        return False
    listening.set_inheritable(True)
    os.environ[SOCKET_VARIABLE] = str(listening.detach())
    return True


class EndpointMiddleware(Middleware):
    """Serves what workers and backends are asked, from the processes that Dramatiq starts."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def after_process_boot(self, broker: dramatiq.Broker) -> None:
        """Answer at the address that was handed on. Whichever process is asked answers for all of them."""
        if number := os.environ.get(SOCKET_VARIABLE):
            serve(socket.socket(fileno=int(number)), {
                "/livez": liveness(), "/readyz": _readiness_of(self._services)})


def _readiness_of(services: Services) -> Probe:
    skewed = skew_notes(services.database)
    return readiness(
        database_check(services.database), broker_check(services.settings.broker),
        notes=lambda: chain(_queue_notes(), skewed()))


def _queue_notes() -> Iterator[str]:
    """Of which queues with a single consumer this process is that one, as far as it has seen lately."""
    for family in metrics.queue_served.collect():
        for sample in family.samples:
            queue = sample.labels["queue"]
            if queue.startswith(BACKEND_QUEUES):
                active = time.time() - sample.value < KEEP_CONNECTED_FOR
                yield f"{queue}: {'active' if active else 'standing by'}"
