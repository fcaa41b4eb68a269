"""Client addresses as keys of rate limits."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

#: Bits of an IPv6 address that a provider gives one customer, who has all the addresses behind them.
IPV6_PREFIX: Final = 64
#: What all are called whose address isn't known, such as clients on a UNIX socket.
UNKNOWN: Final = "unknown"


def client_network(address: str | None) -> str:
    """Rate-limit key of an address: the IPv4 address itself, or an IPv6 address's network.

    ``address`` is the connection's peer, or the client that a trusted proxy names.
    """
    try:
        found = ip_address((address or "").strip("[]").partition("%")[0])
    except ValueError:
        return UNKNOWN
    plain = _as_ipv4(found)
    if isinstance(plain, IPv4Address):
        return str(plain)
    return str(ip_network((int(plain), IPV6_PREFIX), strict=False))


def _as_ipv4(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Plain IPv4 address of a mapped one such as ::ffff:192.0.2.1."""
    return getattr(address, "ipv4_mapped", None) or address
