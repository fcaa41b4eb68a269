"""The channel "webpush"."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Final

from fmn.delivery.contract import ChannelContext, DeliveryError, RenderedDelivery
from fmn.delivery.egress.http_client import HttpClient
from fmn.delivery.egress.network_policy import NetworkPolicy
from fmn.delivery.webpush import failures
from fmn.delivery.webpush.encryption import encrypt
from fmn.delivery.webpush.formatter import PushMessage, format_push
from fmn.delivery.webpush.push_errors import raise_for_status, subscription_ended
from fmn.delivery.webpush.settings import WebPushSettings
from fmn.delivery.webpush.subscriptions import Subscription, read_address
from fmn.delivery.webpush.vapid import contact_of, key_by_id
from fmn.ledger.reasons import Reason

_HOUR: Final = 3600


class WebPushChannel:
    """Formats, encrypts, signs and sends deliveries. Threads may share it."""

    name = "webpush"

    def __init__(self, context: ChannelContext) -> None:
        self._context = context
        settings = context.settings
        own = WebPushSettings.of(settings)
        self._ttl = str(int(own.ttl_hours * _HOUR))
        self._client = HttpClient(
            NetworkPolicy.of(settings.egress), own.timeout_seconds, {"fmn.webpush.ca_file": own.ca_file},
            raise_for_status)

    def deliver(self, delivery: RenderedDelivery, until: float = math.inf) -> None:
        """Send a delivery. Raises :class:`~fmn.delivery.contract.DeliveryError`."""
        context = self._context
        try:
            subscription = read_address(delivery.destination)
        except ValueError as error:
            raise DeliveryError(str(error), permanent=True, code=Reason.BAD_ADDRESS) from error
        message = format_push(delivery, context.applications, context.links, context.settings.web.secret)
        body = encrypt(message.body, subscription.public_key, subscription.auth)
        self._client.post(subscription.endpoint, self._headers(subscription, message), body, until)

    def close(self) -> None:
        """Close kept connections; a later delivery opens new ones."""
        self._client.close()

    def _headers(self, subscription: Subscription, message: PushMessage) -> Mapping[str, str]:
        settings = self._context.settings
        key = key_by_id(settings, subscription.vapid_key_id)
        if key is None:
            raise subscription_ended(failures.OLD_KEY)
        topic = {"Topic": message.topic} if message.topic else {}
        return {
            "Authorization": key.authorization(
                subscription.endpoint, contact_of(settings), int(time.time())),
            "Content-Encoding": "aes128gcm", "Content-Type": "application/octet-stream", "User-Agent": "FMN",
            "TTL": self._ttl, "Urgency": message.urgency, **topic,
        }


def open_channel(context: ChannelContext) -> WebPushChannel:
    """Open the channel. It connects at the first delivery."""
    return WebPushChannel(context)
