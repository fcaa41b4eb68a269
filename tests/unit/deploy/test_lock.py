"""The lock fits setup.cfg and itself, and names nobody's machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from configparser import ConfigParser
from importlib.metadata import PackageNotFoundError, distribution
from operator import attrgetter
from typing import Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.cases import every
from tests.unit.deploy.lock import LOCK, PROJECT, TEXT, Locked

SETUP: Final = ConfigParser(interpolation=None)
SETUP.read(PROJECT / "setup.cfg", encoding="utf-8")
REQUIRED: Final = tuple(
    Requirement(line) for line in SETUP["options"]["install_requires"].splitlines() if line.strip())
#: The versions of Python that setup.cfg names.
PYTHONS: Final = ("3.11", "3.12", "3.13")


def wanted_by(locked: Locked, python: str, extras: frozenset[str]) -> Iterator[Requirement]:
    """What a locked release stands on; nothing if another release of it is installed here."""
    try:
        installed = distribution(locked.name)
    except PackageNotFoundError:
        return
    if installed.version != str(locked.version):
        return
    for requirement in map(Requirement, installed.requires or ()):
        if requirement.marker is None or any(
                requirement.marker.evaluate({"python_version": python, "python_full_version": f"{python}.99",
                                             "extra": extra}) for extra in ("", *extras)):
            yield requirement


def reached(python: str) -> dict[str, list[Requirement]]:
    """Every requirement that leads from FMN to what it stands on, by the name that is required."""
    found: dict[str, list[Requirement]] = {}
    waiting = list(REQUIRED)
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if requirement in found.setdefault(name, []):
            continue
        found[name].append(requirement)
        if name in LOCK:
            waiting += wanted_by(LOCK[name], python, frozenset(requirement.extras))
    return found


@every("requirement", REQUIRED, attrgetter("name"))
def test_each_requirement_of_setup_cfg_is_locked_within_its_range(requirement: Requirement) -> None:
    locked = LOCK.get(canonicalize_name(requirement.name))

    assert locked, f"{requirement} isn't in deploy/requirements.lock: run `make lock`"
    assert locked.version in requirement.specifier, "it's locked otherwise: run `make lock`"


@pytest.mark.parametrize("python", PYTHONS)
def test_what_locked_releases_stand_on_is_locked_within_its_range_too(python: str) -> None:
    requirements = reached(python)

    assert len(requirements) > len(REQUIRED)
    assert [str(line) for name, lines in requirements.items() for line in lines
            if name not in LOCK or LOCK[name].version not in line.specifier] == []


def test_nothing_is_locked_that_nothing_stands_on() -> None:
    needed = {name for python in PYTHONS for name in reached(python)}

    # What isn't for this system or this Python has a marker; its reason can't be looked up here.
    assert sorted(name for name, locked in LOCK.items() if locked.marker is None and name not in needed) == []


@every("locked", LOCK.values(), attrgetter("name"))
def test_each_locked_release_has_hashes(locked: Locked) -> None:
    assert locked.hashes
    assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", value) for value in locked.hashes)


def test_the_lock_names_no_index_and_no_path() -> None:
    # Options of pip, addresses and folders would be those of whoever ran `make lock`
    assert not re.search(r"^-", TEXT, re.MULTILINE)
    assert "://" not in TEXT
    assert not re.search(r"(?<![\w.])/\w", TEXT)
