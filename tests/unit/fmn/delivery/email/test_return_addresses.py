"""Addresses that mails come back to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.delivery.email.return_addresses import ReturnAddresses, return_addresses_by
from fmn.people.mailboxes import read_mailbox
from fmn.settings import EmailSettings, Settings, WebSettings
from fmn.settings.channels import LONGEST_BOUNCE_NAME

IDS = st.integers(1, 2**63 - 1)
ADDRESSES = ReturnAddresses("bounces@example.org", "+", "secret")


@given(IDS, st.sampled_from(["+", "-", "=", "_"]))
def test_a_mail_server_takes_them_and_we_know_them_again(delivery_id: int, delimiter: str) -> None:
    addresses = ReturnAddresses(f"{'b' * LONGEST_BOUNCE_NAME}@example.org", delimiter, "secret")
    address = addresses.of(delivery_id)
    # Given that it's an address that anybody takes, with no part that is too long
    assert str(read_mailbox(address)) == address
    # Then it's known again, as mail servers write it
    for written in (address, f"<{address}>", address.lower(), address.upper(), f"FMN <{address}>, a@b"):
        assert addresses.read([written]) == delivery_id


@given(st.lists(st.text()))
def test_nothing_is_taken_for_one_that_isn_t(texts: list[str]) -> None:
    assert ADDRESSES.read(texts) is None


@given(IDS, IDS)
def test_another_number_needs_another_signature(one: int, other: int) -> None:
    address = ADDRESSES.of(one)
    forged = address.replace(f"+{one}-", f"+{other}-")
    assert ADDRESSES.read([forged]) == (one if one == other else None)


@pytest.mark.parametrize("forged", [
    ReturnAddresses("bounces@example.org", "+", "another secret").of(17),
    "bounces+17-aaaaaaaaaaaaaaaa@example.org",
    f"x{ADDRESSES.of(17)}",
    ADDRESSES.of(17).replace("@", "a@"),
    ADDRESSES.of(17).replace("+17-", "+017-"),
    "bounces+17@example.org",
    "bounces@example.org",
])
def test_forged_ones_are_nobodys(forged: str) -> None:
    assert ADDRESSES.read([forged]) is None


def test_those_of_before_the_secret_changed_are_still_ours() -> None:
    # Given mails that were sent before and after
    before, after = ADDRESSES.of(17), ReturnAddresses("bounces@example.org", "+", "next").of(17)
    changed = ReturnAddresses("bounces@example.org", "+", "next", ["secret"])
    # Then both are known, and new ones are signed with the new secret alone
    assert changed.read([before]) == changed.read([after]) == 17
    assert changed.of(17) == after != before
    # until the old one is forgotten
    assert ReturnAddresses("bounces@example.org", "+", "next").read([before]) is None


def test_the_first_of_several_counts() -> None:
    assert ADDRESSES.read(["bounces+1-x@example.org", ADDRESSES.of(2), ADDRESSES.of(3)]) == 2


def test_there_are_none_where_none_is_set() -> None:
    assert return_addresses_by(Settings()) is None


def test_they_are_made_as_it_is_set() -> None:
    settings = Settings(
        email=EmailSettings(bounce_address="back@example.org", recipient_delimiter="="),
        web=WebSettings(secret="secret"))
    addresses = return_addresses_by(settings)
    assert addresses is not None
    assert addresses.of(17).startswith("back=17-")


@pytest.mark.parametrize("address", ["a+b@example.org", f"{'b' * 28}@example.org", "nobody"])
def test_settings_that_make_none_are_refused(address: str) -> None:
    with pytest.raises(ValueError, match="bounce_address"):
        EmailSettings(bounce_address=address)
