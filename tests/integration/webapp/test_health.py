"""What supervisors ask."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from webtest import TestApp

from fmn.infra import migrations
from fmn.settings import DatabaseSettings, Settings, WebSettings
from fmn.wiring import Services
from tests.integration.webapp.signing_in import new_browser
from tests.servers.ports import free_port
from webapp import application


@pytest.fixture
def services(database_url: str) -> Iterator[Services]:
    """A process's services on a database without any table."""
    made = Services(Settings(database=DatabaseSettings(url=database_url), web=WebSettings(secret="any")))
    yield made
    made.database.close()


@pytest.mark.dialects
def test_a_process_is_ready_once_the_tables_are_there(services: Services) -> None:
    web = new_browser(services)
    web.get("/readyz", status=503).mustcontain("fmn db upgrade")
    web.get("/healthz").mustcontain("alive")

    migrations.upgrade(services.database)
    assert web.get("/readyz").text == "ready\n"


def test_a_process_lives_but_is_not_ready_without_its_database() -> None:
    url = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    web = TestApp(application(Services(
        Settings(database=DatabaseSettings(url=url), web=WebSettings(secret="any")))))
    web.get("/healthz")
    answer = web.get("/readyz", status=503)
    assert answer.text == "the database doesn't answer\n"
