"""Which addresses are reached on users' behalf."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.delivery.egress.network_policy import EgressError, NetworkPolicy
from fmn.settings import EgressSettings, SettingsError, settings_from

NOT_PUBLIC = tuple(map(IPv4Network, (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
    "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32")))
NOT_PUBLIC_6 = tuple(map(IPv6Network, (
    "::/128", "::1/128", "::/96", "100::/64", "64:ff9b:1::/48", "2001::/23", "2001:db8::/32", "3fff::/20",
    "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8")))


def inside(*networks: IPv4Network | IPv6Network) -> st.SearchStrategy[IPv4Address | IPv6Address]:
    return st.sampled_from(networks).flatmap(
        lambda network: st.integers(0, network.num_addresses - 1).map(lambda offset: network[offset]))


def forms(address: IPv4Address) -> list[str]:
    """All the ways in which IPv6 can lead to an IPv4 address."""
    high, low = divmod(int(address), 1 << 16)
    return [
        str(address), f"::ffff:{address}", f"::ffff:{high:x}:{low:x}", f"2002:{high:x}:{low:x}::1",
        f"64:ff9b::{address}",
    ]


def is_reached(networks: NetworkPolicy, address: object) -> bool:
    try:
        networks.check(str(address))
    except EgressError:
        return False
    return True


@given(inside(*NOT_PUBLIC), st.integers(0, 4))
def test_nothing_that_is_not_public_is_reached_in_any_form(address: IPv4Address, form: int) -> None:
    assert not is_reached(NetworkPolicy(), forms(address)[form])


@given(inside(*NOT_PUBLIC_6))
def test_nothing_that_is_not_public_is_reached_by_ipv6(address: IPv6Address) -> None:
    assert not is_reached(NetworkPolicy(), address)


@given(inside(*NOT_PUBLIC_6, IPv6Network("2000::/3")), st.sampled_from(["", "%lo", "%2"]))
def test_an_interface_makes_nothing_public(address: IPv6Address, interface: str) -> None:
    assert is_reached(NetworkPolicy(), f"{address}{interface}") <= is_reached(NetworkPolicy(), address)


@given(st.ip_addresses(v=4).filter(lambda found: not any(found in network for network in NOT_PUBLIC)))
def test_all_else_is_reached_in_every_form(address: IPv4Address) -> None:
    assert [form for form in forms(address) if not is_reached(NetworkPolicy(), form)] == []


@pytest.mark.parametrize("address", ["2606:4700::1111", "2a00:1450:4001:82b::200e"])
def test_the_public_internet_is_reached_by_ipv6(address: str) -> None:
    assert is_reached(NetworkPolicy(), address)


@given(inside(*NOT_PUBLIC), st.integers(0, 4))
def test_an_allowed_network_is_reached_in_every_form(address: IPv4Address, form: int) -> None:
    # Given an administrator who allows just this address, and not its neighbour
    networks = NetworkPolicy([ip_network(address)])
    neighbour = address - 1 if int(address) else address + 1
    assert is_reached(networks, forms(address)[form])
    assert is_reached(networks, neighbour) == is_reached(NetworkPolicy(), neighbour)


@given(inside(*NOT_PUBLIC_6))
def test_an_allowed_network_is_reached_by_ipv6(address: IPv6Address) -> None:
    assert is_reached(NetworkPolicy([ip_network(address)]), address)


def test_where_only_allowed_networks_count_public_is_not_enough() -> None:
    networks = NetworkPolicy.of(EgressSettings(allowed_networks=("10.1.0.0/16",)))
    networks.check_allowed("10.1.2.3")
    for address in ("10.2.0.1", "9.9.9.9"):
        with pytest.raises(EgressError, match="isn't one of those that are allowed here"):
            networks.check_allowed(address)


@pytest.mark.parametrize("value", ["10.1.0.1/16", "mattermost.example.org", "10.1.0.0/33"])
def test_what_is_no_network_is_refused_with_an_example(value: str) -> None:
    with pytest.raises(SettingsError, match=r"allowed_networks = .*write networks such as 10\.1\.0\.0/16"):
        settings_from({"fmn.egress.allowed_networks": value})


@pytest.mark.parametrize(("port", "reached"), [
    (80, True), (443, True), (1024, True), (65_535, True), (22, False), (25, False), (444, False),
    (1023, False),
])
def test_ports_are_those_of_the_web_and_those_that_need_no_rights(port: int, reached: bool) -> None:
    for check in (NetworkPolicy().check, NetworkPolicy([ip_network("9.9.9.9")]).check_allowed):
        if reached:
            check("9.9.9.9", port)
            continue
        with pytest.raises(EgressError, match=rf"port {port} isn't one of those that are allowed here"):
            check("9.9.9.9", port)


def test_an_administrator_says_which_ports() -> None:
    settings = settings_from({"fmn.egress.allowed_ports": "443 8000-8999"})
    networks = NetworkPolicy.of(settings.egress)
    ports = (80, 443, 7999, 8000, 8999, 9000)
    assert [port for port in ports if is_port(networks, port)] == [443, 8000, 8999]


@pytest.mark.parametrize("value", ["http", "0", "65536", "443-80", "1-2-3", "-5", "80,443", "٨٠"])
def test_what_is_no_port_is_refused_with_a_sentence(value: str) -> None:
    with pytest.raises(SettingsError, match=r"allowed_ports = .*write ports such as 443 or 1024-65535"):
        settings_from({"fmn.egress.allowed_ports": value})


def is_port(networks: NetworkPolicy, port: int) -> bool:
    try:
        networks.check_port(port)
    except EgressError:
        return False
    return True
