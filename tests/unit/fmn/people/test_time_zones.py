"""The time zones that people choose from."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from fmn.people.time_zones import is_time_zone, time_zones


def test_are_listed_by_region_in_order_each_once() -> None:
    zones = time_zones()
    assert {"Africa", "America", "Asia", "Europe", "Pacific"} <= set(zones)
    assert list(zones) == sorted(zones)
    names = [name for of_region in zones.values() for name in of_region]
    assert names == sorted(set(names))
    assert "Europe/Berlin" in zones["Europe"]
    assert not [name for name in names if name.startswith(("Etc", "SystemV", "posix"))]


def test_that_are_listed_can_be_chosen_and_told_the_time_in() -> None:
    for of_region in time_zones().values():
        for name in of_region:
            assert is_time_zone(name)
            assert ZoneInfo(name).key == name


@pytest.mark.parametrize("name", ["UTC", "Japan", "US/Eastern"])
def test_of_other_names_can_be_chosen_as_well(name: str) -> None:
    assert is_time_zone(name)


@pytest.mark.parametrize("name", [
    "", "Europe", "europe/berlin", "/etc/localtime", "../UTC", "Mars/Base", "UTC\0"])
def test_that_do_not_exist_cannot(name: str) -> None:
    assert not is_time_zone(name)
