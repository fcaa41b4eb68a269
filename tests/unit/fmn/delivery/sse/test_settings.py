"""Settings of the live feed."""

from __future__ import annotations

import pytest

from fmn.delivery.sse.settings import SseSettings
from fmn.settings import SettingsError, settings_from


def test_sites_that_may_listen_are_named_as_browsers_name_them() -> None:
    settings = settings_from({
        "fmn.sse.allowed_origins": "https://dash.example.org\nhttp://127.0.0.1:8000"})
    assert SseSettings.of(settings).allowed_origins == ("https://dash.example.org", "http://127.0.0.1:8000")


@pytest.mark.parametrize("origin", [
    "*", "dash.example.org", "https://dash.example.org/", "https://dash.example.org/page", "ftp://example.org",
    "https://"])
def test_what_no_browser_would_send_is_refused(origin: str) -> None:
    with pytest.raises(SettingsError, match=r"fmn\.sse\.allowed_origins = .* can't be used"):
        settings_from({"fmn.sse.allowed_origins": origin})


@pytest.mark.parametrize("url", ["notifications.example.org", "/feed", "ws://example.org"])
def test_where_people_reach_it_is_a_web_address(url: str) -> None:
    with pytest.raises(SettingsError, match=r"fmn\.sse\.base_url = .* can't be used"):
        settings_from({"fmn.sse.base_url": url})
    assert SseSettings.of(settings_from({"fmn.sse.base_url": ""})).base_url == ""
