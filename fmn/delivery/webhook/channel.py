"""Web hooks as a channel."""

from __future__ import annotations

import math
import time

from fmn.delivery.contract import Outgoing, Surroundings
from fmn.delivery.egress.network_policy import Networks
from fmn.delivery.webhook.formatter import format_body
from fmn.delivery.webhook.http_client import Sender
from fmn.delivery.webhook.signing import secret_of, signed


class WebhookChannel:
    """Formats, signs and sends. Threads may share it."""

    name = "webhook"

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        settings = surroundings.settings
        self._sender = Sender(settings.webhook, Networks.of(settings.egress))

    def deliver(self, outgoing: Outgoing, until: float = math.inf) -> None:
        """Send it. Raises :class:`~fmn.delivery.contract.DeliveryError`."""
        around = self._surroundings
        body = format_body(outgoing, around.applications, around.links)
        secrets = [
            secret_of(each, outgoing.preference_id, outgoing.destination)
            for each in around.settings.web.secrets]
        headers = {
            "Content-Type": "application/json", "User-Agent": "FMN",
            **signed(secrets, outgoing.key, body, int(time.time())),
        }
        self._sender.post(outgoing.destination, headers, body, until)

    def close(self) -> None:
        """Close kept connections; a later delivery opens new ones."""
        self._sender.close()


def open_channel(surroundings: Surroundings) -> WebhookChannel:
    """The channel. Nothing is connected before the first delivery."""
    return WebhookChannel(surroundings)
