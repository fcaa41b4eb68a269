"""Metrics and probe endpoints of each kind of process, with what each needs to be ready."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from itertools import chain

import dramatiq
from dramatiq.middleware import Middleware

from fmn.channels import KEEP_CONNECTED_FOR
from fmn.infra import metrics
from fmn.infra.backend_queues import has_one_active_consumer
from fmn.monitoring.clock_skew import skew_notes
from fmn.monitoring.http_server import serve
from fmn.monitoring.listening_socket import SOCKET_VARIABLE, open_socket
from fmn.monitoring.probes import Probe, ReadinessCheck, broker_check, database_check, liveness, readiness
from fmn.wiring import Services


def serve_endpoints(services: Services, *checks: ReadinessCheck) -> None:
    """Serve the endpoints of a consumer or scheduler, whose readiness takes these checks too.

    :raises OperatorError: the address can't be listened at
    """
    serve(open_socket(services.settings.metrics), {
        "/livez": liveness(), "/readyz": _readiness_of(services, *checks)})


def serve_feed_endpoints(services: Services) -> None:
    """Serve the endpoints of the live feed, which needs only the database."""
    serve(open_socket(services.settings.metrics), {
        "/livez": liveness(), "/readyz": readiness(
            database_check(services.database), notes=skew_notes(services.database))})


def serve_web_endpoints(services: Services) -> None:
    """Serve the web app's metrics. Its probes are pages of the app itself, which is what people use."""
    serve(open_socket(services.settings.metrics), {})


class EndpointMiddleware(Middleware):
    """Dramatiq middleware that serves the endpoints of workers and backends."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def after_process_boot(self, broker: dramatiq.Broker) -> None:
        """Serve on the inherited socket. Whichever process answers, it answers for all that share it."""
        if number := os.environ.get(SOCKET_VARIABLE):
            serve(socket.socket(fileno=int(number)), {
                "/livez": liveness(), "/readyz": _readiness_of(self._services)})


def _readiness_of(services: Services, *checks: ReadinessCheck) -> Probe:
    skewed = skew_notes(services.database)
    return readiness(
        database_check(services.database), broker_check(services.settings.broker), *checks,
        notes=lambda: chain(_queue_notes(), skewed()))


def _queue_notes() -> Iterator[str]:
    """Notes on the queues with a single active consumer: whether that has been this process lately."""
    for family in metrics.queue_served.collect():
        for sample in family.samples:
            queue = sample.labels["queue"]
            if has_one_active_consumer(queue):
                active = time.time() - sample.value < KEEP_CONNECTED_FOR
                yield f"{queue}: {'active' if active else 'standing by'}"
