"""Pagers as a channel."""

from __future__ import annotations

import json
import math
import os
import socket
import time

from fmn.delivery.contract import ChannelDownError, DeliveryError, RenderedDelivery, ChannelContext

from fmn_pager.formatter import format_line

#: Seconds that the server may take for an answer.
PATIENCE = 5.0


class PagerChannel:
    """Hands lines to the pagers' server, over a connection for each. Threads may share it."""

    name = "pager"

    def __init__(self, context: ChannelContext, server: str) -> None:
        self._context = context
        self._server = server

    def deliver(self, delivery: RenderedDelivery, until: float = math.inf) -> None:
        """Hand it over. Raises :class:`~fmn.delivery.contract.DeliveryError`."""
        line = format_line(delivery, self._context.applications, self._context.links)
        page = {"id": delivery.key, "number": delivery.destination, "text": line}
        answer = self._ask(json.dumps(page), until)
        if answer == "no such pager":
            raise DeliveryError("there's no such pager", permanent=True, address_gone=True)
        if answer != "ok":
            raise DeliveryError(f"the pagers' server refused: {answer}", permanent=False)

    def close(self) -> None:
        """Nothing is kept open."""

    def _ask(self, line: str, until: float) -> str:
        """What the server answers; ``ok`` if it took the line."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(PATIENCE)
                connection.connect(self._server)
                # Looked at in the last moment: from then on somebody else may deliver this.
                if time.monotonic() + PATIENCE > until:
                    raise DeliveryError("there was no time left", permanent=False, label="late")
                connection.sendall(f"{line}\n".encode())
                return connection.makefile(encoding="utf-8").readline().strip()
        except OSError as error:
            raise ChannelDownError(f"the pagers' server doesn't answer: {error}") from error


def open_channel(context: ChannelContext) -> PagerChannel:
    """The channel. Nothing is connected before the first delivery."""
    return PagerChannel(context, os.environ.get("PAGER_SOCKET", "/run/pager/socket"))
