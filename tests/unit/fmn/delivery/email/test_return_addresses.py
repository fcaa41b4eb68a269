"""Addresses that mails come back to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.delivery.email.return_addresses import MOST, ReturnAddresses, return_addresses_from
from fmn.delivery.email.settings import MAX_BOUNCE_NAME, EmailSettings
from fmn.infra.public_ids import NONCE_BITS, PublicId
from fmn.people.email_addresses import parse_email_address
from fmn.settings import Settings, WebSettings

ROWS = st.builds(
    PublicId, st.integers(1, 2**63 - 1), st.none() | st.integers(0, 2**NONCE_BITS - 1))
ADDRESSES = ReturnAddresses("bounces@example.org", "+", "secret")


@given(ROWS, st.sampled_from(["+", "-", "=", "_"]))
def test_a_mail_server_takes_them_and_we_know_them_again(delivery: PublicId, delimiter: str) -> None:
    addresses = ReturnAddresses(f"{'b' * MAX_BOUNCE_NAME}@example.org", delimiter, "secret")
    address = addresses.of(delivery)
    # Given that it's an address that anybody takes, with no part that is too long
    assert str(parse_email_address(address)) == address
    # Then it's known again, as mail servers write it
    for written in (address, f"<{address}>", address.lower(), address.upper(), f"FMN <{address}>, a@b"):
        assert addresses.read([written], {delivery.id: delivery}.get) == delivery.id


@given(st.lists(st.text()))
def test_nothing_is_taken_for_one_that_isn_t(texts: list[str]) -> None:
    assert ADDRESSES.read(texts, PublicId) is None


@given(ROWS, ROWS)
def test_another_number_needs_another_signature(one: PublicId, other: PublicId) -> None:
    address = ADDRESSES.of(one)
    forged = address.replace(f"+{one.id}-", f"+{other.id}-")
    assert ADDRESSES.read([forged], {other.id: other}.get) == (one.id if one == other else None)


@pytest.mark.parametrize("forged", [
    ReturnAddresses("bounces@example.org", "+", "another secret").of(PublicId(17)),
    "bounces+17-aaaaaaaaaaaaaaaa@example.org",
    f"x{ADDRESSES.of(PublicId(17))}",
    ADDRESSES.of(PublicId(17)).replace("@", "a@"),
    ADDRESSES.of(PublicId(17)).replace("+17-", "+017-"),
    "bounces+17@example.org",
    "bounces@example.org",
])
def test_forged_ones_are_nobodys(forged: str) -> None:
    assert ADDRESSES.read([forged], PublicId) is None


def test_those_of_before_the_secret_changed_are_still_ours() -> None:
    # Given mails that were sent before and after
    before = ADDRESSES.of(PublicId(17))
    after = ReturnAddresses("bounces@example.org", "+", "next").of(PublicId(17))
    changed = ReturnAddresses("bounces@example.org", "+", "next", ["secret"])
    # Then both are known, and new ones are signed with the new secret alone
    assert changed.read([before], PublicId) == changed.read([after], PublicId) == 17
    assert changed.of(PublicId(17)) == after != before
    # until the old one is forgotten
    assert ReturnAddresses("bounces@example.org", "+", "next").read([before], PublicId) is None


def test_the_first_of_several_counts() -> None:
    several = ["bounces+1-x@example.org", ADDRESSES.of(PublicId(2)), ADDRESSES.of(PublicId(3))]
    assert ADDRESSES.read(several, PublicId) == 2


def test_no_more_than_a_few_of_those_that_a_stranger_writes_are_looked_up() -> None:
    asked: list[int] = []
    written = [f"bounces+{number}-{16 * 'a'}@example.org" for number in range(1, 1000)]
    assert ADDRESSES.read(written, asked.append) is None
    assert len(asked) == MOST


def test_there_are_none_where_none_is_set() -> None:
    assert return_addresses_from(Settings()) is None


def test_they_are_made_as_it_is_set() -> None:
    settings = Settings(web=WebSettings(secret="secret")).with_channels(
        email=EmailSettings(bounce_address="back@example.org", recipient_delimiter="="))
    addresses = return_addresses_from(settings)
    assert addresses is not None
    assert addresses.of(PublicId(17)).startswith("back=17-")


@pytest.mark.parametrize("address", ["a+b@example.org", f"{'b' * 28}@example.org", "nobody"])
def test_settings_that_make_none_are_refused(address: str) -> None:
    with pytest.raises(ValueError, match="bounce_address"):
        EmailSettings(bounce_address=address)
