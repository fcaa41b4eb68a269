"""Who a client's address stands for."""

from __future__ import annotations

from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.client_address import UNKNOWN, client_network


@pytest.mark.parametrize(("address", "network"), [
    ("192.0.2.1", "192.0.2.1"),
    ("::ffff:192.0.2.1", "192.0.2.1"),
    ("2001:db8::1", "2001:db8::/64"),
    ("[2001:db8::1]", "2001:db8::/64"),
    ("2001:DB8:0:0:ffff:ffff:ffff:ffff", "2001:db8::/64"),
    ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
    ("fe80::1%eth0", "fe80::/64"),
])
def test_an_ipv6_client_is_its_network(address: str, network: str) -> None:
    assert client_network(address) == network


@pytest.mark.parametrize("address", [None, "", "somewhere", "192.0.2.1, 192.0.2.2", "192.0.2.1:80"])
def test_whoever_has_no_address_is_one_client_with_all_others_of_these(address: str | None) -> None:
    assert client_network(address) == UNKNOWN


@given(st.text())
def test_nothing_makes_a_long_key(address: str) -> None:
    assert len(client_network(address)) <= 42


@given(st.integers(2**61, 2**62 - 1), st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_whoever_has_a_network_has_one_budget_with_all_its_addresses(
    network: int, one: int, another: int,
) -> None:
    addresses = [str(IPv6Address(network << 64 | host)) for host in (one, another)]

    assert client_network(addresses[0]) == client_network(addresses[1])
    assert client_network(addresses[0]) != client_network(str(IPv6Address((network ^ 1) << 64 | one)))
