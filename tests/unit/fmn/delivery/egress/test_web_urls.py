"""Which URLs can be a web hook, and what of them is shown."""

from __future__ import annotations

import re
from ipaddress import ip_network
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.delivery.egress.network_policy import NetworkPolicy
from fmn.delivery.egress.web_urls import LONGEST, mask_address, parse_url

PUBLIC = NetworkPolicy()
INSIDE = NetworkPolicy([ip_network("10.1.0.0/16")])


@pytest.mark.parametrize(("text", "kept"), [
    ("https://hooks.example.org/fmn?for=alice", "https://hooks.example.org/fmn?for=alice"),
    ("HTTPS://Hooks.Example.org:443/Secret", "https://hooks.example.org/Secret"),
    ("https://straße.example/übung", "https://xn--strae-oqa.example/%C3%BCbung"),
    ("https://hooks.example.org/fmn#here", "https://hooks.example.org/fmn"),
    ("https://9.9.9.9/fmn", "https://9.9.9.9/fmn"),
    ("https://[2606:4700::1111]/fmn", "https://[2606:4700::1111]/fmn"),
])
def test_urls_are_kept_in_one_spelling(text: str, kept: str) -> None:
    assert parse_url(text, PUBLIC) == kept
    assert parse_url(kept, PUBLIC) == kept


@pytest.mark.parametrize(("text", "sentence"), [
    ("", "“” isn’t a web address. Write one such as https://hooks.example.org/fmn."),
    ("hooks.example.org", "“hooks.example.org” isn’t a web address."),
    ("file:///etc/passwd", "“file:///etc/passwd” isn’t a web address."),
    ("https:///fmn", "isn’t a web address"),
    ("https://hooks.example.org:99999/", "isn’t a web address"),
    ("https://a..example.org/", "isn’t a web address"),
    (f"https://{'a' * 64}.example.org/", "isn’t a web address"),
    ("https://hooks.example.org/a b", "isn’t a web address"),
    ("https://hooks.example.org/\r\nHost: other", "isn’t a web address"),
    ("https://alice:secret@hooks.example.org/", "has a password in it"),
    ("http://hooks.example.org/", "“http://hooks.example.org/” isn’t encrypted."),
    ("https://a.example.org:25/", "Nothing can be sent to a.example.org:25: port 25 isn't one of those that"),
    ("https://a.example.org:25/", "those that are allowed here (80, 443, 1024 to 65535)."),
    ("https://127.0.0.1/", "Nothing can be sent to 127.0.0.1: its address isn't public"),
    ("https://[::1]/", "Nothing can be sent to ::1"),
    ("https://[::ffff:169.254.169.254]/", "its address isn't public"),
    (f"https://hooks.example.org/{'x' * LONGEST}", "500 characters are the most"),
    (f"https://hooks.example.org/{'ü' * (LONGEST // 3)}", "500 characters are the most"),
])
def test_what_nothing_can_be_sent_to_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r"\.$") as refused:
        parse_url(text, PUBLIC)
    assert sentence in str(refused.value)


def test_without_tls_only_an_allowed_network_is_reached() -> None:
    assert parse_url("http://10.1.2.3/fmn", INSIDE) == "http://10.1.2.3/fmn"
    assert parse_url("http://hooks.inside/fmn", INSIDE) == "http://hooks.inside/fmn"
    assert parse_url("https://9.9.9.9/fmn", INSIDE)
    with pytest.raises(ValueError, match="isn't one of those that are allowed here"):
        parse_url("http://9.9.9.9/fmn", INSIDE)


@given(st.text() | st.from_regex(r"https?://[^/]{1,20}/.*"))
def test_whatever_is_typed_is_kept_whole_or_refused(text: str) -> None:
    kept = kept_or_refused(text)
    if kept is not None:
        assert parse_url(kept, INSIDE) == kept
        assert kept.isascii()
        assert len(kept) <= LONGEST
        assert urlsplit(kept).scheme in {"http", "https"}
        assert len(mask_address(kept)) <= len(kept)


def kept_or_refused(text: str) -> str | None:
    try:
        return parse_url(text, INSIDE)
    except ValueError as error:
        if not re.fullmatch(r".+\.", str(error)):
            raise AssertionError("that's no sentence") from error
        return None


def test_secrets_are_not_shown() -> None:
    assert mask_address("https://hooks.example.org:8443/services/T0/secret") == "https://hooks.example.org:8443/…"
    assert mask_address("https://hooks.example.org/?token=secret") == "https://hooks.example.org/…"
    assert mask_address("https://hooks.example.org/services/T0/secret-secret-abcd") == "https://hooks.example.org/…abcd"
    assert mask_address("https://hooks.example.org") == "https://hooks.example.org"
