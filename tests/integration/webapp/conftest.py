"""Alice, whom a message about her package concerned, and the web app that her mails link to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from webtest import TestApp

from fmn.infra.cache import MemoryCache
from fmn.infra.db import Database
from fmn.settings import DatabaseSettings, DirectorySettings, Settings, WebSettings
from fmn.wiring import Services
from tests.factories.databases import tables_in
from tests.factories.limits import NO_LIMITS
from tests.factories.messages import NO_THROTTLING
from tests.integration.webapp.signing_in import app_of, signed_in
from tests.integration.webapp.world import World

#: Where webtest's requests seem to go.
BASE_URL = "http://localhost"


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database, PostgreSQL's unless a test says another. In a browser pages are tried on SQLite."""
    if getattr(request, "param", "postgresql") == "sqlite":
        with tables_in(f"sqlite:///{tmp_path}/fmn.sqlite") as made:
            yield made
    else:
        yield request.getfixturevalue("postgresql_database")


@pytest.fixture
def services(database: Database, tmp_path: Path) -> Iterator[Services]:
    """A process's services on an empty database, with a directory in which Alice and Bob own moss."""
    directory = tmp_path / "directory.json"
    directory.write_text(json.dumps({"owners": {"alice": {"rpms": ["moss"]}, "bob": {"rpms": ["moss"]}}}))
    made = Services(Settings(
        database=DatabaseSettings(url=database.url),
        directory=DirectorySettings(ownership="file", file=directory),
        web=WebSettings(
            base_url=BASE_URL, secret="of the tests", development_login=True, administrators=("root",)),
        flood=NO_THROTTLING, limits=NO_LIMITS,
    ))
    made.cache = MemoryCache()  # that of the settings is shared with other tests
    yield made
    made.database.close()


@pytest.fixture
def world(services: Services) -> World:
    """Alice, with a filter for her packages, and one notification."""
    return World.of(services)


@pytest.fixture
def alice(services: Services, world: World) -> TestApp:
    """Alice's browser, signed in; she's the one of ``world``."""
    return signed_in(services, "alice")


@pytest.fixture
def mallory(services: Services) -> TestApp:
    """The browser of somebody who must see nothing of Alice's, signed in."""
    return signed_in(services, "mallory")


@pytest.fixture
def root(services: Services) -> TestApp:
    """An administrator's browser, signed in."""
    return signed_in(services, "root")


@pytest.fixture
def web(services: Services) -> TestApp:
    """The web app, asked as a browser asks it; links are followed by :meth:`World.path`."""
    return TestApp(app_of(services))
