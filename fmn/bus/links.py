"""Links: which publishers a listener was cut off from, and for how long.

ZeroMQ connects again by itself and doesn't say what was missed meanwhile; its monitor says that it did.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog
import zmq
from zmq.utils.monitor import recv_monitor_message

log = structlog.get_logger()

#: Shorter than this a listener that connects for the first time isn't late.
SETTLING: Final = timedelta(seconds=2)
_EVENTS: Final = zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED

#: Told of a time without a link: from when on, and until when.
Away = Callable[[datetime, datetime], object]


class Links:
    """The links of a listening socket. Only the thread that uses the socket may use it."""

    def __init__(
        self, socket: zmq.Socket[bytes], away: Away, now: Callable[[], datetime],
    ) -> None:
        """``away`` is called when a publisher is there again that was cut off."""
        self._socket, self._away, self._now = socket, away, now
        #: Those that are connected to for the first time, and those that were lost: since when.
        self._new: dict[str, datetime] = {}
        self._lost: dict[str, datetime] = {}
        self._monitor = socket.get_monitor_socket(_EVENTS)

    def expect(self, endpoint: str) -> None:
        """From now on this one is to be connected to."""
        self._new[endpoint] = self._now()

    def look(self) -> None:
        """Take note of what has happened since the last look."""
        while self._monitor.poll(0):
            event = recv_monitor_message(self._monitor)
            endpoint = event["endpoint"].decode(errors="replace")
            if event["event"] == zmq.EVENT_DISCONNECTED:
                self._lost.setdefault(endpoint, self._now())
                log.warning("publisher lost", endpoint=endpoint)
            else:
                self._connected(endpoint, self._now())

    def _connected(self, endpoint: str, now: datetime) -> None:
        new, lost = self._new.pop(endpoint, None), self._lost.pop(endpoint, None)
        since = lost if new is None or now - new <= SETTLING else new
        if since is not None:
            log.info("publisher found", endpoint=endpoint, away_seconds=round((now - since).total_seconds()))
            self._away(since, now)

    def close(self) -> None:
        """Stop watching; before the socket is closed."""
        self._socket.disable_monitor()
        self._monitor.close(linger=0)
