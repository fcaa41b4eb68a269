from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.people.email_addresses import EmailAddressError, parse_email_address


@pytest.mark.parametrize("text", [
    "alice@example.org", "o'brien+fmn@mail.example.org", "a=b%c@example.org", "root@localhost",
    "user@xn--exmple-cua.org", "under_score@example.org",
])
def test_usual_addresses_are_taken_as_they_are(text: str) -> None:
    address = parse_email_address(text)
    assert str(address) == text
    assert not address.needs_utf8


def test_a_domain_beyond_ascii_is_spelled_in_ascii() -> None:
    address = parse_email_address("alice@straße.example")
    assert str(address) == "alice@xn--strae-oqa.example"
    assert not address.needs_utf8


def test_a_local_part_beyond_ascii_needs_a_server_that_takes_it() -> None:
    address = parse_email_address("jürgen@example.org")
    assert str(address) == "jürgen@example.org"
    assert address.needs_utf8


@pytest.mark.parametrize("text", [
    "", "alice", "ali ce@example.org", "@example.org", "alice@", "alice@@example.org", "alice@exa mple.org",
    "alice@example.org\r\nRCPT TO:<mallory@example.org>", "alice@example.org\n", "alice\r@example.org",
    "alice@example.org>", "<alice@example.org", "alice@example..org", "alice@-example.org",
    ".alice@example.org", "alice..bob@example.org", '"alice"@example.org', "alice@[127.0.0.1]",
    "alice,bob@example.org", "alice@exa\u202emple.org", "alice@\ud800.org",
    "ali\ud800ce@example.org", "alice@\u2024.org",
])
def test_what_could_be_no_address_is_refused(text: str) -> None:
    with pytest.raises(EmailAddressError, match=r"isn't an e-mail address|can't exist"):
        parse_email_address(text)


@pytest.mark.parametrize("text", ["a" * 65 + "@example.org", "a@" + "b" * 60 + "." + "c" * 60 + ".d" * 100])
def test_a_longer_one_than_servers_take_is_refused(text: str) -> None:
    with pytest.raises(EmailAddressError, match="longer than"):
        parse_email_address(text)


def test_a_longer_part_of_a_domain_than_servers_take_is_refused() -> None:
    with pytest.raises(EmailAddressError, match="can't exist"):
        parse_email_address("alice@" + "b" * 64 + ".org")


@given(st.text(st.characters(categories=["L", "N", "P", "S", "C", "Z"])))
def test_whatever_is_taken_can_stand_in_a_command_and_a_header(text: str) -> None:
    try:
        address = str(parse_email_address(f"{text}@example.org"))
    except EmailAddressError:
        return
    assert not set(address) & set(' \t\r\n<>,;:"()\\')
    assert address.isprintable()
