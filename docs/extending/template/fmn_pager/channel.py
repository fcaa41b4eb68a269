"""The channel "pager": sends each delivery as a line to the pager server."""

from __future__ import annotations

import json
import math
import socket
import time

from fmn.delivery.contract import ChannelContext, ChannelDownError, DeliveryError, RenderedDelivery
from fmn.ledger.reasons import Reason

from fmn_pager.formatter import format_line
from fmn_pager.settings import PagerSettings


class PagerChannel:
    """Sends lines to the pager server, with a connection for each. Threads may share it."""

    name = "pager"

    def __init__(self, context: ChannelContext) -> None:
        self._context = context
        self._settings = PagerSettings.of(context.settings)

    def deliver(self, delivery: RenderedDelivery, until: float = math.inf) -> None:
        """Send a delivery. Raises :class:`~fmn.delivery.contract.DeliveryError`."""
        line = format_line(delivery, self._context.applications, self._context.links)
        page = {"id": delivery.key, "number": delivery.destination, "text": line}
        answer = self._ask(json.dumps(page), until)
        if answer == "no such pager":
            raise DeliveryError("there's no such pager", permanent=True, address_gone=True)
        if answer != "ok":
            raise DeliveryError(f"the pager server refused: {answer}", permanent=False)

    def close(self) -> None:
        """Nothing is kept open."""

    def _ask(self, line: str, until: float) -> str:
        """Send a line; returns the server's answer, ``ok`` if it took the line."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(self._settings.timeout_seconds)
                connection.connect(str(self._settings.socket))
                # Checked right before sending: after `until` another process may deliver this.
                if time.monotonic() + self._settings.timeout_seconds > until:
                    raise DeliveryError("there was no time left", permanent=False, code=Reason.TOO_LATE)
                connection.sendall(f"{line}\n".encode())
                return connection.makefile(encoding="utf-8").readline().strip()
        except OSError as error:
            raise ChannelDownError(f"the pager server doesn't answer: {error}") from error


def open_channel(context: ChannelContext) -> PagerChannel:
    """The channel. Nothing is connected before the first delivery."""
    return PagerChannel(context)
