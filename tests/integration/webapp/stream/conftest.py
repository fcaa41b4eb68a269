"""The live feed being served in a process of its own, and Alice who listens to hers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fmn.infra.cache import MemoryCache
from fmn.infra.db import Database
from fmn.settings import DatabaseSettings, DeliverySettings, Settings, WebSettings
from fmn.wiring import Services
from tests.integration.webapp.stream.listeners import Owner
from tests.servers.feed import FeedServer

SECRET = "of the tests"
SETTINGS = {
    "fmn.web.secret": SECRET, "fmn.web.base_url": "http://localhost", "fmn.sse.heartbeat_seconds": "0.5"}


@pytest.fixture
def services(database: Database) -> Iterator[Services]:
    """A process's services, with a live feed."""
    made = Services(Settings(
        database=DatabaseSettings(url=database.url), delivery=DeliverySettings(channels=("email", "sse")),
        web=WebSettings(base_url="http://localhost", secret=SECRET, development_login=True)))
    made.cache = MemoryCache()
    yield made
    made.database.close()


@pytest.fixture
def alice(services: Services) -> Owner:
    return Owner.of(services, "alice")


@pytest.fixture(scope="module")
def feed(postgresql_tables: str, server_directory: Path) -> Iterator[FeedServer]:
    """The service on the database that tests share, running; those that stop it start it again."""
    with FeedServer(server_directory / "feed", postgresql_tables, SETTINGS) as server:
        yield server
