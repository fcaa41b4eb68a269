"""HTTP client that posts to users' destinations, over connections that are kept open."""

from __future__ import annotations

import math
import ssl
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import httpcore
import httpx

from fmn.delivery.contract import DeliveryError
from fmn.delivery.egress import failures, http_errors
from fmn.delivery.egress.cooldown import Cooldown
from fmn.delivery.egress.http_backend import GuardedNetworkBackend, deadline_at
from fmn.delivery.egress.network_policy import EgressError, NetworkPolicy
from fmn.infra.clock import utc_now
from fmn.ledger.reasons import Reason
from fmn.settings import SettingsError
from fmn.text import shorten

#: Bytes of an answer's body that are read, to be rid of it and keep the connection. Nobody looks at them.
_MOST_READ: Final = 100_000
#: Characters of what went wrong.
_LONGEST_REASON: Final = 200
#: Seconds after which a connection that nothing was sent over is given up, and how many such there may be.
_LONGEST_IDLE: Final = 30.0
_MOST_IDLE: Final = 50


class HttpClient:
    """Posts to users' destinations. Threads may share it.

    A request takes ``timeout_seconds`` in all. ``authorities`` are PEM files of certificate authorities
    besides the system's, by the setting that names them. ``check_status`` takes a response's status, its
    ``Retry-After`` and the time, and raises :class:`~fmn.delivery.contract.DeliveryError` unless the server
    took it. Raises :class:`SettingsError` for a file that can't be read.
    """

    def __init__(
        self, networks: NetworkPolicy, timeout_seconds: float, authorities: Mapping[str, Path | None],
        check_status: Callable[[int, str, datetime], None] = http_errors.raise_for_status,
    ) -> None:
        context = _trusting(authorities)
        self._check_status = check_status
        self._patience = timeout_seconds
        self._pools = {
            "https": _pool(networks.check, context), "http": _pool(networks.check_allowed, context)}
        self._cooldown = Cooldown()

    def post(self, url: str, headers: Mapping[str, str], body: bytes, until: float = math.inf) -> None:
        """Send a body, and wait for the answer, for ``timeout_seconds`` in all and no longer than ``until``.

        The latter in seconds of the monotonic clock; name look-ups aside. Raises
        :class:`~fmn.delivery.contract.DeliveryError`.
        """
        where = httpx.URL(url)
        host = where.netloc.decode("ascii")
        if self._cooldown.is_active(url):
            raise DeliveryError(
                failures.COOLDOWN.format(where=host), permanent=False, code=Reason.COOLDOWN)
        try:
            with deadline_at(min(time.monotonic() + self._patience, until)):
                status, retry_after = self._answer(where, {"Host": host, **headers}, body)
        except EgressError as error:
            raise DeliveryError(
                failures.NOT_ALLOWED.format(where=host, reason=error), permanent=True,
                code=Reason.NOT_ALLOWED) from error
        except httpcore.TimeoutException as error:
            if time.monotonic() < until:
                self._cooldown.start(url)
            raise DeliveryError(
                failures.TIMED_OUT.format(where=host), permanent=False, code=Reason.TIMED_OUT) from error
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            why = shorten(str(error) or type(error).__name__, _LONGEST_REASON)
            raise DeliveryError(
                failures.CONNECTION_FAILED.format(where=host, reason=why), permanent=False,
                code=Reason.CONNECTION_FAILED) from error
        try:
            self._check_status(status, retry_after, utc_now())
        except DeliveryError as error:
            if error.wait:
                self._cooldown.start(url, error.wait.total_seconds())
            raise

    def close(self) -> None:
        """Close all connections. Sending opens new ones."""
        for pool in self._pools.values():
            pool.close()

    def _answer(self, url: httpx.URL, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
        """Status and ``Retry-After`` of a response."""
        where = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        pool, sent = self._pools[url.scheme], list(headers.items())
        with pool.stream("POST", where, headers=sent, content=body) as response:
            unread = _MOST_READ
            for part in response.iter_stream():
                unread -= len(part)
                if unread < 0:
                    break
            said = httpx.Headers(response.headers).get("Retry-After", "")
            return response.status, said.strip()


def _trusting(authorities: Mapping[str, Path | None]) -> ssl.SSLContext:
    """TLS context of the system's authorities and those of files. Raises :class:`SettingsError`."""
    context = ssl.create_default_context()
    for setting, ca_file in authorities.items():
        try:
            if ca_file is not None:
                context.load_verify_locations(ca_file)
        except OSError as error:
            raise SettingsError(f"{setting} = {ca_file} can't be used: {error.strerror or error}") from error
    return context


def _pool(check: Callable[[str, int], None], context: ssl.SSLContext) -> httpcore.ConnectionPool:
    return httpcore.ConnectionPool(
        ssl_context=context, network_backend=GuardedNetworkBackend(check), max_connections=None,
        max_keepalive_connections=_MOST_IDLE, keepalive_expiry=_LONGEST_IDLE)
