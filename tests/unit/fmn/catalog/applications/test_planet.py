from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog.accounts_in_messages import avatar
from tests.messages import described, facts

POST = {"title": "Moss for all", "link": "https://mary.example.org/moss"}


def test_a_post_is_its_writer_s() -> None:
    body = {"username": "mary", "name": "Mary", "face": "https://example.org/mary.png", "post": POST}
    told = described("planet.post.new", body)

    assert facts("planet.post.new", body).usernames == {"mary"}
    assert told.summary == 'mary posted "Moss for all"'
    assert told.link == "https://mary.example.org/moss"
    assert told.secondary_icon == "https://example.org/mary.png"


@pytest.mark.parametrize(("body", "summary", "picture"), [
    ({"username": "mary", "post": {}}, "mary posted in their blog", avatar("mary")),
    ({"name": "Mary", "post": POST}, 'Mary posted "Moss for all"', ""),
    ({}, "Somebody posted in their blog", ""),
])
def test_a_post_may_lack_this_or_that(body: dict[str, Any], summary: str, picture: str) -> None:
    assert described("planet.post.new", body).summary == summary
    assert described("planet.post.new", body).secondary_icon == picture
