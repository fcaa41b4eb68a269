"""The channel "webhook"."""

from __future__ import annotations

import math
import time

from fmn.delivery.contract import ChannelContext, RenderedDelivery
from fmn.delivery.egress.http_client import HttpClient
from fmn.delivery.egress.network_policy import NetworkPolicy
from fmn.delivery.webhook.formatter import format_body
from fmn.delivery.webhook.settings import WebhookSettings
from fmn.delivery.webhook.signing import signature_headers, webhook_secret


class WebhookChannel:
    """Formats, signs and sends deliveries. Threads may share it."""

    name = "webhook"

    def __init__(self, context: ChannelContext) -> None:
        self._context = context
        settings = context.settings
        own = WebhookSettings.of(settings)
        self._client = HttpClient(
            NetworkPolicy.of(settings.egress), own.timeout_seconds, {"fmn.webhook.ca_file": own.ca_file})

    def deliver(self, delivery: RenderedDelivery, until: float = math.inf) -> None:
        """Send a delivery. Raises :class:`~fmn.delivery.contract.DeliveryError`."""
        context = self._context
        body = format_body(delivery, context.applications, context.links)
        secrets = [
            webhook_secret(each, delivery.preference_id, delivery.destination)
            for each in context.settings.web.secrets]
        headers = {
            "Content-Type": "application/json", "User-Agent": "FMN",
            **signature_headers(secrets, delivery.key, body, int(time.time())),
        }
        self._client.post(delivery.destination, headers, body, until)

    def close(self) -> None:
        """Close kept connections; a later delivery opens new ones."""
        self._client.close()


def open_channel(context: ChannelContext) -> WebhookChannel:
    """Open the channel. It connects at the first delivery."""
    return WebhookChannel(context)
