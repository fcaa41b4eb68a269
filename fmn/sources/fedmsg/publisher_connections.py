"""Publisher connections: the connections of a listening socket, when each was lost, and how it comes back.

ZeroMQ connects again by itself and doesn't say what was missed meanwhile; its monitor says that it did. After
a frame that is too large it doesn't connect again at all, so we do.
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

#: Shorter than this a listener that connects for the first time isn't late.
SETTLE_TIME: Final = timedelta(seconds=2)
#: So long ZeroMQ has to connect again by itself: longer than its own pause.
RECONNECT_GRACE: Final = timedelta(seconds=2)
#: After that we do, each time the address is looked up anew: a host may have moved.
RECONNECT_INTERVAL: Final = timedelta(seconds=60)
_EVENTS: Final = zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED

#: Told of a time without a link: from when on, and until when.
GapCallback = Callable[[datetime, datetime], object]


class PublisherConnections:
    """The links of a listening socket. Only the thread that uses the socket may use it."""

    def __init__(
        self, socket: zmq.Socket[bytes], on_gap: GapCallback, look_up: Callable[[str], object],
        now: Callable[[], datetime],
    ) -> None:
        """``on_gap`` is called when a publisher is there again that was cut off.

        ``look_up`` is called with an endpoint that is to be connected to anew, which :meth:`connect` does.
        """
        self._socket, self._on_gap, self._look_up, self._now = socket, on_gap, look_up, now
        self._addresses: dict[str, str] = {}
        #: Endpoints that were connected to for the first time, and those that were lost: since when.
        self._new: dict[str, datetime] = {}
        self._lost: dict[str, datetime] = {}
        #: When those that were lost are to be connected to by us.
        self._due: dict[str, datetime] = {}
        self._monitor = socket.get_monitor_socket(_EVENTS)

    def connect(self, endpoint: str, address: str) -> None:
        """Connect to an endpoint at the address it has now; if it isn't lost it stays as it is.

        Raises :class:`zmq.ZMQError` if that's no address.
        """
        known = self._addresses.get(endpoint)
        if known is None:
            self._new[endpoint] = self._now()
        elif endpoint not in self._lost:
            return
        else:
            with suppress(zmq.ZMQError):  # it's gone already, after a frame that was too large
                self._socket.disconnect(known)
        self._addresses[endpoint] = address
        self._socket.connect(address)
        log.info("listening", endpoint=endpoint)

    def poll(self) -> None:
        """Take note of what has happened since the last look, and have lost links renewed."""
        while self._monitor.poll(0):
            event = recv_monitor_message(self._monitor)
            address = event["endpoint"].decode(errors="replace")
            for endpoint in [known for known, at in self._addresses.items() if at == address]:
                if event["event"] == zmq.EVENT_DISCONNECTED:
                    self._disconnected(endpoint)
                else:
                    self._connected(endpoint, self._now())
        # Connecting anew forgets what has come and wasn't read.
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
        """Stop watching; before the socket is closed."""
        self._socket.disable_monitor()
        self._monitor.close(linger=0)
