"""Settings of web hooks: ``fmn.webhook.*``."""

from __future__ import annotations

from collections.abc import Iterator

from fmn.settings import ChannelSettings, Settings
from fmn.settings.field_types import OptionalPath, Positive


class WebhookSettings(ChannelSettings):
    """Time-out of a delivery by web hook, and additional certificate authorities."""

    timeout_seconds: Positive = 10
    ca_file: OptionalPath = None

    def conflicts_with(self, settings: Settings) -> Iterator[str]:
        delivery = settings.delivery
        if "webhook" in delivery.channels and delivery.claim_seconds < 3 * self.timeout_seconds:
            yield (
                "fmn.delivery.claim_seconds is too short: "
                "it has to be at least three times as long as fmn.webhook.timeout_seconds")
