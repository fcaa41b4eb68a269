"""Which message a link leads to."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from webapp.message_lookup import msg_id_in_link


@pytest.mark.parametrize(("link", "msg_id"), [
    ("https://apps.example.org/datagrepper/id?id=2026-5d3f&is_raw=true&size=extra-large", "2026-5d3f"),
    ("https://apps.example.org/datagrepper/v2/id?is_raw=true&id=2026-5d3f", "2026-5d3f"),
    ("https://archive.example.org/messages/2026-5d3f/", "2026-5d3f"),
    ("https://notifications.example.org/api/v1/messages/2026%2D5d3f", "2026-5d3f"),
    ("https://archive.example.org/?msg_id=2026-5d3f#top", "2026-5d3f"),
    ("https://archive.example.org/", ""),
])
def test_the_id_is_a_parameter_or_the_end_of_the_path(link: str, msg_id: str) -> None:
    assert msg_id_in_link(urlsplit(link)) == msg_id
