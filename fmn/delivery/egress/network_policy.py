"""Network policy for users' destinations. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from fmn.delivery.egress import failures
from fmn.settings import EgressSettings
from fmn.settings.channels import port_range
from fmn.translations import gettext

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

#: All that IPv6 has for the public so far (RFC 4291 section 2.4 and IANA's registry). What's beyond it is
#: loopback, link-local, a site's own, multicast, or reserved.
_PUBLIC_IPV6: Final = IPv6Network("2000::/3")
#: What isn't for the public though older versions of Python say so: IANA's special-purpose registries, and
#: the address by which machines at Azure reach their host.
_MORE_SPECIAL: Final = tuple(map(ip_network, (
    "192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "2001::/23", "2001:db8::/32", "3fff::/20")))
#: IPv4 as a translator has it (RFC 6052).
_NAT64: Final = IPv6Network("64:ff9b::/96")


#: Where nothing else is set.
DEFAULT_PORTS: Final = tuple(map(port_range, EgressSettings().allowed_ports))


class EgressError(OSError):
    """A destination that the network policy refuses; the text says why.

    It doesn't say which address a name has: that isn't for everybody, inside of a network.
    """


class NetworkPolicy:
    """Network policy: public addresses and ``allowed`` networks, at these ``ports``."""

    def __init__(self, allowed: Iterable[Network] = (), ports: Sequence[range] = DEFAULT_PORTS) -> None:
        self._allowed = tuple(allowed)
        self._ports = tuple(ports)

    @classmethod
    def of(cls, settings: EgressSettings) -> NetworkPolicy:
        """As the settings have them."""
        return cls(map(ip_network, settings.allowed_networks), tuple(map(port_range, settings.allowed_ports)))

    def __bool__(self) -> bool:
        """Whether any network is allowed."""
        return bool(self._allowed)

    def check_port(self, port: int) -> None:
        """Raise :class:`EgressError` unless this port may be reached."""
        if not any(port in ports for ports in self._ports):
            raise EgressError(gettext(failures.FORBIDDEN_PORT).format(port=port, ports=_named(self._ports)))

    def check(self, address: str, port: int | None = None) -> None:
        """Raise :class:`EgressError` unless this numeric address, at this port, may be reached."""
        if port is not None:
            self.check_port(port)
        found = ip_address(address)
        if not (self.allows(address) or all(map(_is_public, (found, *_within(found))))):
            raise EgressError(gettext(failures.NOT_PUBLIC))

    def check_allowed(self, address: str, port: int | None = None) -> None:
        """The same, but public isn't enough: it has to be in one of the networks."""
        if port is not None:
            self.check_port(port)
        if not self.allows(address):
            raise EgressError(gettext(failures.FORBIDDEN_ADDRESS))

    def allows(self, address: str) -> bool:
        """Whether this numeric address, or the IPv4 address it stands for, is in one of the networks."""
        found = ip_address(address)
        return any(each in network for each in (*_within(found), found) for network in self._allowed)


def _named(ports: Iterable[range]) -> str:
    return ", ".join(
        f"{each.start}" if len(each) == 1
        else gettext("{start} to {end}").format(start=each.start, end=each.stop - 1) for each in ports)


def _is_public(address: Address) -> bool:
    if any(address in network for network in _MORE_SPECIAL):
        return False
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast
    return address in _PUBLIC_IPV6 or bool(_within(address))


def _within(address: Address) -> Sequence[IPv4Address]:
    """The IPv4 address that an IPv6 address stands for, if it does: where packets really go."""
    if isinstance(address, IPv4Address):
        return []
    if address in _NAT64:
        return [IPv4Address(address.packed[-4:])]
    return [found for found in (address.ipv4_mapped, address.sixtofour) if found is not None]
