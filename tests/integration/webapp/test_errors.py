"""What isn't there, isn't allowed or went wrong: each is a page that says what one can do."""

from __future__ import annotations

import re

import pytest
from structlog.testing import capture_logs
from webtest import TestApp

from fmn.infra.db import Base
from fmn.wiring import Services
from tests.integration.webapp.pages import outline
from tests.integration.webapp.world import World
from webapp.auth.security import HEADERS


@pytest.mark.parametrize("where", [
    "/nothing", "/inbox/nothing", "/catalogue/nothing", "/why/", "/static/nothing.css", "/%00", "/%ff",
    "/../etc"])
def test_what_is_not_there_has_a_page(web: TestApp, where: str) -> None:
    page = web.get(where, status=404)
    outline(page)
    page.mustcontain("Page not found", "without signing in")


def test_whoever_is_signed_in_can_go_on_from_there(alice: TestApp) -> None:
    page = alice.get("/nothing", status=404)
    outline(page)
    for words in ("your notifications", "your inbox"):
        page.click(words)


def test_a_form_that_nobody_asked_for_is_refused(web: TestApp, world: World) -> None:
    for where in ("/", world.why, "/readyz"):
        outline(web.post(where, {"action": "stop"}, status=404))


def test_our_own_mistakes_have_an_id_that_is_in_the_log_too(
    web: TestApp, world: World, services: Services,
) -> None:
    # Given a database that lost its tables
    where = world.stop_filter
    Base.metadata.drop_all(services.database.engine)
    try:
        # When a page needs them
        with capture_logs() as logs:
            page = web.get(where, status=500)
    finally:
        Base.metadata.create_all(services.database.engine)

    # Then the person is told an id and nothing else of it, and the log has the rest but not the token
    outline(page)
    incident = re.search(r"<code>(\w{8})</code>", page.text)
    assert incident
    page.mustcontain(no=["Traceback", "SELECT", "sqlalchemy"])
    entry, = (entry for entry in logs if entry["event"] == "request failed")
    assert entry["incident"] == incident[1]
    assert entry["exc_info"].__class__.__name__.endswith("Error")
    assert where.rpartition("/")[2] not in str({**entry, "exc_info": ""})


def test_our_own_mistakes_have_a_page_for_whoever_is_signed_in_too(
    alice: TestApp, services: Services,
) -> None:
    Base.metadata.drop_all(services.database.engine)
    try:
        page = alice.get("/", status=500)
    finally:
        Base.metadata.create_all(services.database.engine)

    outline(page)
    page.mustcontain("This is FMN’s fault", no="sqlalchemy")


def test_every_response_has_our_headers(web: TestApp) -> None:
    for where in ("/", "/healthz", "/static/base.css", "/static/inbox.css", "/static/icon.svg"):
        answer = web.get(where)
        for name, value in HEADERS.items():
            assert answer.headers[name] == value
