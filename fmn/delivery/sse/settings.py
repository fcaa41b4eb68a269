"""Settings of the live feed: ``fmn.sse.*``."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from fmn.settings import ChannelSettings, Settings
from fmn.settings.check_results import SETTINGS, CheckResults, warning
from fmn.settings.field_types import HostAndPort, Positive, PositiveInt, WebUrl, WordList, web_url


def _origins(value: tuple[str, ...]) -> tuple[str, ...]:
    for origin in value:
        parts = urlsplit(web_url(origin))
        if f"{parts.scheme}://{parts.netloc}" != origin:
            raise ValueError(f"{origin} isn't where a site is, without a path, such as https://example.org")
    return value


class SseSettings(ChannelSettings):
    """The live feed: its address, allowed origins and limits of readers.

    ``base_url`` is where people reach it, ``""`` if that's the web app's address; ``trusted_proxies`` are
    believed which client they ask for.
    """

    listen: HostAndPort = "127.0.0.1:6544"
    base_url: WebUrl = ""
    allowed_origins: Annotated[WordList, AfterValidator(_origins)] = ()
    heartbeat_seconds: Positive = 15
    most_readers: PositiveInt = 4000
    most_readers_per_user: PositiveInt = 20
    most_readers_per_address: PositiveInt = 100
    trusted_proxies: WordList = ("127.0.0.1",)

    def check(self, settings: Settings) -> CheckResults:
        if urlsplit(self.base_url).scheme == "http" and settings.web.base_url.startswith("https://"):
            yield warning(
                SETTINGS,
                "fmn.sse.base_url: browsers that have the web app by https:// refuse a feed by http://")
