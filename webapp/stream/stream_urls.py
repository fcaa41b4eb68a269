"""URLs of the live feed."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from fmn.delivery.sse.settings import SseSettings
from fmn.settings import Settings


def stream_url(settings: Settings, nick: str) -> str:
    """The address of somebody's stream."""
    base_url = SseSettings.of(settings).base_url or settings.web.base_url
    return f"{base_url.rstrip('/')}/user/{quote(nick, safe='')}"


def url_origin(url: str) -> str:
    """Origin of a URL, as browsers compare it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
