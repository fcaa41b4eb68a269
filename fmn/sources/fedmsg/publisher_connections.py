"""Connections of a subscriber socket to publishers: detects lost ones, reports gaps, and reconnects.

ZeroMQ reconnects by itself without a word about missed messages; its monitor reports the event. After a frame
that is too large it doesn't reconnect, so this module does.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

import structlog
import zmq
from zmq.utils.monitor import recv_monitor_message

log = structlog.get_logger()

#: Seconds within which a first connection leaves no gap.
SETTLE_TIME: Final = timedelta(seconds=2)
#: Seconds for ZeroMQ to reconnect by itself: longer than its own pause.
RECONNECT_GRACE: Final = timedelta(seconds=2)
#: Seconds between reconnects of ours, each after a new DNS look-up, since a host may have moved.
RECONNECT_INTERVAL: Final = timedelta(seconds=60)
_EVENTS: Final = zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED

#: Called with the start and end of a time without a connection.
GapCallback = Callable[[datetime, datetime], object]


class PublisherConnections:
    """Connections of a subscriber socket. Use it only in the socket's thread."""

    def __init__(
        self, socket: zmq.Socket[bytes], on_gap: GapCallback, look_up: Callable[[str], object],
        now: Callable[[], datetime],
    ) -> None:
        """``on_gap`` is called when a lost publisher is back.

        ``look_up`` is called with an endpoint that needs a new look-up; :meth:`connect` then reconnects it.
        """
        self._socket, self._on_gap, self._look_up, self._now = socket, on_gap, look_up, now
        self._addresses: dict[str, str] = {}
        #: Endpoints that were connected once, and lost ones with the time of the loss.
        self._new: dict[str, datetime] = {}
        self._lost: dict[str, datetime] = {}
        #: When to reconnect lost endpoints ourselves.
        self._due: dict[str, datetime] = {}
        self._monitor = socket.get_monitor_socket(_EVENTS)

    def connect(self, endpoint: str, address: str) -> None:
        """Connect to an endpoint at its current address, unless it's connected.

        :raises zmq.ZMQError: the address is invalid
        """
        known = self._addresses.get(endpoint)
        if known is None:
            self._new[endpoint] = self._now()
        elif endpoint not in self._lost:
            return
        else:
            with suppress(zmq.ZMQError):  # ZeroMQ dropped it already, after a frame that was too large
                self._socket.disconnect(known)
        self._addresses[endpoint] = address
        self._socket.connect(address)
        log.info("listening", endpoint=endpoint)

    def poll(self) -> None:
        """Process the monitor's events, and renew lost connections."""
        while self._monitor.poll(0):
            event = recv_monitor_message(self._monitor)
            address = event["endpoint"].decode(errors="replace")
            for endpoint in [known for known, at in self._addresses.items() if at == address]:
                if event["event"] == zmq.EVENT_DISCONNECTED:
                    self._disconnected(endpoint)
                else:
                    self._connected(endpoint, self._now())
        # A reconnect discards received messages that weren't read.
        if self._due and not self._socket.poll(0):
            self._reconnect_lost(self._now())

    def _disconnected(self, endpoint: str) -> None:
        now = self._now()
        self._lost.setdefault(endpoint, now)
        self._due.setdefault(endpoint, now + RECONNECT_GRACE)
        log.warning("publisher lost", endpoint=endpoint)

    def _connected(self, endpoint: str, now: datetime) -> None:
        new, lost = self._new.pop(endpoint, None), self._lost.pop(endpoint, None)
        self._due.pop(endpoint, None)
        since = lost if new is None or now - new <= SETTLE_TIME else new
        if since is not None:
            log.info("publisher found", endpoint=endpoint, away_seconds=round((now - since).total_seconds()))
            self._on_gap(since, now)

    def _reconnect_lost(self, now: datetime) -> None:
        for endpoint in [endpoint for endpoint, due in self._due.items() if due <= now]:
            self._due[endpoint] = now + RECONNECT_INTERVAL
            self._look_up(endpoint)

    def close(self) -> None:
        """Close the monitor. Call it before closing the socket."""
        self._socket.disable_monitor()
        self._monitor.close(linger=0)
