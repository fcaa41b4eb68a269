"""Time zones that people can choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import Final
from zoneinfo import available_timezones

#: What names of zones begin with that say where one is. Others are older names of the same zones.
REGIONS: Final = frozenset({
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian",
    "Pacific"})
UTC: Final = "UTC"


@cache
def time_zones() -> Mapping[str, Sequence[str]]:
    """Names of time zones by region, in order, without UTC, which has no region."""
    names = sorted(name for name in _all() if _region(name) in REGIONS)
    return {region: list(of_region) for region, of_region in groupby(names, _region)}


def is_time_zone(name: str) -> bool:
    """Whether this is the name of a time zone."""
    return name == UTC or name in _all()


@cache
def _all() -> frozenset[str]:
    # Asking walks through hundreds of files.
    return frozenset(available_timezones())


def _region(name: str) -> str:
    return name.partition("/")[0]
