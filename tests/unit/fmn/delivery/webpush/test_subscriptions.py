"""Push subscriptions as addresses: what browsers tell, what is kept, and what is shown of it."""

from __future__ import annotations

import json
from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.channels import MAX_ADDRESS_LENGTH
from fmn.delivery.egress.network_policy import NetworkPolicy
from fmn.delivery.webpush.subscriptions import (
    MAX_BROWSER,
    MAX_ENDPOINT,
    UNNAMED,
    endpoint_digest,
    mask_address,
    parse_subscription,
    push_service,
    read_address,
    renewed,
)
from tests.servers.push_service import Browser, encode

PUBLIC = NetworkPolicy()
#: As push services give them out, with letters of the tests.
ENDPOINTS = {
    "Mozilla": f"https://updates.push.services.mozilla.com/wpush/v2/gAAAAA{'b' * 178}",
    "Google": f"https://fcm.googleapis.com/fcm/send/cAbCdEfGhIj:APA91b{'c' * 134}",
    "Apple": f"https://web.push.apple.com/Q{'d' * 180}",
    "Microsoft": f"https://wns2-ln2p.notify.windows.com/w/?token=BQYAAAAP%2fcR%2bYx{'e' * 380}%3d%3d",
}


def told(endpoint: str = ENDPOINTS["Mozilla"], browser: str = "Firefox on Linux", **others: Any) -> str:
    """What a page sends."""
    found = Browser(endpoint, "").subscription
    return json.dumps({**found, "browser": browser, **others})


@pytest.mark.parametrize("service", ENDPOINTS)
def test_a_browser_s_subscription_is_an_address(service: str) -> None:
    text = told(ENDPOINTS[service])
    found = parse_subscription(text, "keykeyid", PUBLIC)
    assert (found.endpoint, found.vapid_key_id) == (ENDPOINTS[service], "keykeyid")
    keys = json.loads(text)["keys"]
    assert encode(found.auth) == keys["auth"]
    # And what is kept of it says the same
    assert len(found.address) <= MAX_ADDRESS_LENGTH
    assert read_address(found.address) == found
    assert parse_subscription(found.address, "another", PUBLIC) == found


def test_an_address_is_shown_as_its_browser() -> None:
    address = parse_subscription(told(), "keykeyid", PUBLIC).address
    assert mask_address(address) == "Firefox on Linux"
    assert mask_address(address.lower()) == "firefox on linux"
    assert mask_address("") == mask_address("https://[") == UNNAMED


def test_a_browser_without_a_name_has_one() -> None:
    assert mask_address(parse_subscription(told(browser=""), "keykeyid", PUBLIC).address) == UNNAMED


@pytest.mark.parametrize("text", [
    "", "{}", "[]", "null", "Firefox", "{" * 1_000, "[" * 1_999, "https://push.example.net/1", "x" * 2_001,
    told(keys={}), told(keys={"p256dh": "", "auth": ""}), told().replace(f'"{ENDPOINTS["Mozilla"]}"', "7"),
    told(keys={"p256dh": encode(bytes(65)), "auth": encode(bytes(16))}),
    told(keys={"p256dh": "B" * 87, "auth": encode(bytes(16))}),
    told(keys={**Browser("", "").subscription["keys"], "auth": "AAAA"}),
    told(keys={**Browser("", "").subscription["keys"], "auth": "%" * 22}),
    "https://push.example.net/1#keys=AAAA&vapid=AAAAAAAA", "https://push.example.net/1#" + "a=b&" * 90,
])
def test_what_is_no_subscription_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="This isn’t a browser’s push subscription"):
        parse_subscription(text, "keykeyid", PUBLIC)


@pytest.mark.parametrize(("endpoint", "sentence"), [
    ("http://push.example.net/1", "isn’t encrypted"),
    ("https://127.0.0.1/1", "its address isn't public"),
    ("https://[::1]/1", "its address isn't public"),
    ("https://169.254.169.254/latest", "its address isn't public"),
    ("https://push.example.net:25/1", "port 25 isn't one of those"),
    ("https://user:word@push.example.net/1", "has a password in it"),
    ("file:///etc/passwd", "isn’t a web address"),
    (f"https://push.example.net/{'a' * MAX_ENDPOINT}", "That’s too long"),
])
def test_an_endpoint_obeys_the_rules_for_all_destinations(endpoint: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        parse_subscription(told(endpoint), "keykeyid", PUBLIC)


def test_an_endpoint_in_an_allowed_network_is_taken() -> None:
    inside = NetworkPolicy([ip_network("10.1.0.0/16")])
    assert parse_subscription(told("http://10.1.2.3/1"), "keykeyid", inside).endpoint == "http://10.1.2.3/1"


@given(
    st.text(max_size=60) | st.text(st.sampled_from("aZ -"), min_size=MAX_BROWSER, max_size=60),
    st.integers(0, MAX_ENDPOINT - 25))
def test_whatever_a_browser_is_called_its_address_fits_and_comes_back(name: str, length: int) -> None:
    found = parse_subscription(told(f"https://push.example.net/{'a' * length}", name), "keykeyid", PUBLIC)
    assert len(found.address) <= MAX_ADDRESS_LENGTH
    assert found.address.isascii()
    assert read_address(found.address) == found


@given(st.text())
def test_nothing_else_is_ever_raised(text: str) -> None:
    mask_address(text)
    for each in (text, f'{{"endpoint": {text}', f"https://push.example.net/#keys={text}&vapid={text}"):
        with pytest.raises(ValueError, match="This isn’t"):
            parse_subscription(each, "keykeyid", PUBLIC)


def test_a_page_knows_its_own_subscription_by_the_endpoint_s_digest() -> None:
    # As crypto.subtle.digest("SHA-256", …) has it
    assert endpoint_digest("https://push.example.net/1#keys=a") == (
        "627e3d6676aef8a9794fd3f2579d837f24fe3fedfa799ecf608ab745921a3485")


def test_a_renewed_one_keeps_the_browser_s_name_and_the_key_that_it_subscribed_to() -> None:
    former = parse_subscription(told("https://push.example.net/1"), "formerid", PUBLIC).address
    address = parse_subscription(told("https://push.example.net/2", browser=""), "keykeyid", PUBLIC).address
    found = read_address(renewed(address, former))
    assert (found.endpoint, found.browser, found.vapid_key_id) == (
        "https://push.example.net/2", "Firefox on Linux", "formerid")
    assert found.auth == read_address(address).auth
    assert push_service(address) == "https://push.example.net"
