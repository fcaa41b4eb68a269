"""Where the live feed is, as links say it."""

from __future__ import annotations

import pytest

from fmn.delivery.sse.settings import SseSettings
from fmn.settings import Settings, WebSettings
from webapp.stream.stream_urls import stream_url, url_origin


@pytest.mark.parametrize(("base_url", "nick", "url"), [
    ("", "alice", "https://fmn.example.org/notes/user/alice"),
    ("https://live.example.org:8443/", "alice", "https://live.example.org:8443/user/alice"),
    ("", "a/b?c", "https://fmn.example.org/notes/user/a%2Fb%3Fc"),
])
def test_a_stream_has_an_address(base_url: str, nick: str, url: str) -> None:
    settings = Settings(
        web=WebSettings(base_url="https://fmn.example.org/notes/"),
    ).with_channels(sse=SseSettings(base_url=base_url))
    assert stream_url(settings, nick) == url


def test_a_site_is_an_address_without_what_is_there() -> None:
    assert url_origin("https://fmn.example.org:8443/notes/") == "https://fmn.example.org:8443"
