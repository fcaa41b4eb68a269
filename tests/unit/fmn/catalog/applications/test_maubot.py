from __future__ import annotations

from tests.messages import described, facts


def test_a_cookie_is_given() -> None:
    body = {"sender": "mary", "recipient": "sam", "fedora_release": "44", "total": 3}

    assert facts("maubot.cookie.give.v1", body).agent == "mary"
    assert facts("maubot.cookie.give.v1", body).usernames == {"mary", "sam"}
    assert described("maubot.cookie.give.v1", body).summary == "mary gave sam a cookie"
    assert described("maubot.cookie.give.v1", body).long == "Fedora release: 44\nIn total: 3 cookies"
