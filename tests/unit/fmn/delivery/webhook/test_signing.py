"""Secrets and signatures of web hooks. tests/integration has somebody else's library verify them."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from fmn.delivery.webhook.signing import signature_headers, webhook_secret

ADDRESS = "https://hooks.example.org/fmn"
SECRET = webhook_secret("of the web app", 3, ADDRESS)


def test_a_secret_is_the_same_each_time_and_one_addresss_own() -> None:
    assert webhook_secret("of the web app", 3, ADDRESS) == SECRET
    others = {
        webhook_secret("another", 3, ADDRESS), webhook_secret("of the web app", 4, ADDRESS),
        webhook_secret("of the web app", 3, f"{ADDRESS}/"),
    }
    assert len(others | {SECRET}) == 4


def test_an_id_is_the_same_whenever_the_same_thing_is_sent() -> None:
    first, again = signature_headers([SECRET], "single:1:1", b"{}", 1_000), signature_headers(
        [SECRET], "single:1:1", b"{}", 2_000)
    other = signature_headers([SECRET], "single:1:2", b"{}", 1_000)
    assert first["webhook-id"] == again["webhook-id"] != other["webhook-id"]
    assert first["webhook-signature"] != again["webhook-signature"]


@given(st.text(st.characters(exclude_categories=["Cs"])), st.dictionaries(st.text(), st.integers()))
def test_whatever_is_signed_is_verified(key: str, content: dict[str, int]) -> None:
    body = json.dumps(content).encode()
    headers = dict(signature_headers([SECRET], key, body, int(time.time())))
    assert Webhook(SECRET).verify(body, headers) == content
    assert "." not in headers["webhook-id"]


def test_whoever_has_the_secret_from_before_it_changed_verifies_it_too() -> None:
    old, new = SECRET, webhook_secret("the web app's next one", 3, ADDRESS)
    headers = dict(signature_headers([new, old], "single:1:1", b"{}", int(time.time())))
    for secret in (new, old):
        assert Webhook(secret).verify(b"{}", headers) == {}
    with pytest.raises(WebhookVerificationError):
        Webhook(webhook_secret("somebody else's", 3, ADDRESS)).verify(b"{}", headers)
