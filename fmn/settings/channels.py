"""Settings that several channels share: ``fmn.egress.*`` and ``fmn.bounce.*``."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Annotated

from pydantic import Field, field_validator

from fmn.settings.field_types import PositiveInt, SettingsSection, WordList

#: One more than the largest port.
_PORTS = 1 << 16


class EgressSettings(SettingsSection):
    """Allowed networks, besides public ones, and ports of destinations that users name."""

    allowed_networks: WordList = ()
    allowed_ports: WordList = ("80", "443", "1024-65535")

    @field_validator("allowed_networks")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            try:
                ip_network(each)
            except ValueError as error:
                raise ValueError(f"{error}; write networks such as 10.1.0.0/16 or fd00:1::/64") from error
        return value

    @field_validator("allowed_ports")
    @classmethod
    def _are_ports(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            port_range(each)
        return value


def port_range(text: str) -> range:
    """Parse a port or a range such as 443 or 1024-65535. Raises :class:`ValueError`."""
    first, _, last = text.partition("-")
    numbers = [each for each in (first, last or first) if each.isascii() and each.isdecimal()]
    found = range(int(numbers[0]), int(numbers[1]) + 1) if len(numbers) == 2 else range(0)  # noqa: PLR2004
    if not found or found.start < 1 or found.stop > _PORTS:
        raise ValueError(f"{text!r} isn't a port; write ports such as 443 or 1024-65535")
    return found


class BounceSettings(SettingsSection):
    """Thresholds of bounces and permanent failures at which an address is switched off."""

    soft_limit: PositiveInt = 5
    soft_days: PositiveInt = 14
    failures_in_a_row: PositiveInt = 10
    failing_hours: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 24
    ignored_after_days: PositiveInt = 30
