"""The store of a process whose source and clock a test has in hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fmn.directory import DirectoryStore
from fmn.infra.cache import MemoryCache
from tests.unit.fmn.directory.published_people import Clock, People


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cache(clock: Clock) -> MemoryCache:
    return MemoryCache(clock)


@pytest.fixture
def people() -> People:
    return People("alice")


@pytest.fixture
def make(cache: MemoryCache, people: People, clock: Clock) -> Callable[[], DirectoryStore]:
    """Makes the store of one more process."""
    return lambda: DirectoryStore(
        [people], cache, check_seconds=5, patience_seconds=30, clock=clock, pause=clock.pause)


@pytest.fixture
def store(make: Callable[[], DirectoryStore]) -> DirectoryStore:
    return make()
