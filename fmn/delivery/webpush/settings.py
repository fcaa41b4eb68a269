"""Settings of Web Push: ``fmn.webpush.*``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field

from fmn.settings import ChannelSettings, Settings
from fmn.settings.check_results import SETTINGS, CheckResults, warning
from fmn.settings.field_types import LOOPBACK, OptionalPath, Positive

#: Hours that push services keep a message at most: four weeks.
LONGEST_TTL_HOURS = 672


class WebPushSettings(ChannelSettings):
    """Time-out of a delivery, how long push services keep it, and additional certificate authorities.

    For so many hours (``ttl_hours``) a push service tries to reach a browser that is off.
    """

    timeout_seconds: Positive = 10
    ttl_hours: Annotated[Positive, Field(le=LONGEST_TTL_HOURS)] = 24
    ca_file: OptionalPath = None

    def conflicts_with(self, settings: Settings) -> Iterator[str]:
        delivery = settings.delivery
        if "webpush" in delivery.channels and delivery.claim_seconds < 3 * self.timeout_seconds:
            yield (
                "fmn.delivery.claim_seconds is too short: "
                "it has to be at least three times as long as fmn.webpush.timeout_seconds")

    def check(self, settings: Settings) -> CheckResults:
        where = urlsplit(settings.web.base_url)
        if "webpush" in settings.delivery.channels and where.scheme == "http" and (
                where.hostname not in LOOPBACK):
            yield warning(
                SETTINGS, "fmn.web.base_url: browsers offer Web Push only to pages by https://")
