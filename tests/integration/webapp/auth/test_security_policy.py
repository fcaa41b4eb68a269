"""Who somebody is: their session's cookie says it, or a program's token, never both."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from sqlalchemy import event
from structlog.testing import capture_logs
from webtest import TestApp

from fmn.infra.clock import utc_now
from fmn.infra.db import Base
from fmn.people.accounts import get_or_create_account
from fmn.people.api_tokens import create_token
from fmn.wiring import Services
from tests.integration.webapp.pages import outline
from tests.integration.webapp.signing_in import LOCAL, signed_in
from webapp import configured
from webapp.identity import Permission

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def asking(services: Services) -> TestApp:
    """An app that says who one is, to everybody, and has pages for those who may."""
    config = configured(services, trial=True)
    config.add_route("who", "/who")
    config.add_view(
        lambda request: Response(" ".join(str(request.identity and request.identity.nick) for _ in range(3))),
        route_name="who", permission=NO_PERMISSION_REQUIRED)
    for permission in Permission:
        config.add_route(permission, f"/{permission.replace(' ', '-')}")
        config.add_view(lambda _request: Response("yes"), route_name=permission, permission=permission)
    return TestApp(config.make_wsgi_app(), extra_environ=LOCAL)


def token_of(services: Services, nick: str, *scopes: str, lasting: timedelta | None = None) -> dict[str, str]:
    """The header that a program of somebody's sends."""
    with services.database.transaction() as session:
        user = get_or_create_account(session, nick, ["email"])
        expires_at = None if lasting is None else utc_now() + lasting
        _, token = create_token(session, user.id, "of the test", scopes, expires_at)
    return {"Authorization": f"Bearer {token}"}


def who(browser: TestApp, headers: dict[str, str] | None = None) -> str:
    return str(browser.get("/who", headers=headers or {}).text).split()[0]


def test_a_token_says_who_a_program_acts_for(services: Services, asking: TestApp) -> None:
    token = token_of(services, "alice", "read")
    assert who(asking, token) == "alice"
    assert asking.get("/read", headers=token).text == "yes"
    for forbidden in ("/write", "/signed-in", "/administer"):
        asking.get(forbidden, headers=token, status=403)


def test_an_administrators_token_does_not_administer(services: Services, asking: TestApp) -> None:
    asking.get("/administer", headers=token_of(services, "root", "read", "write"), status=403)


def test_a_token_that_is_none_any_more_says_nothing(services: Services, asking: TestApp) -> None:
    good = token_of(services, "alice", "read")["Authorization"]
    over = token_of(services, "bob", "read", lasting=-timedelta(seconds=1))["Authorization"]
    for bad in (
        over, f"{good}x", good[:-1], good.swapcase(), "Bearer", "Bearer ", "Bearer \xff", f"Basic {good}",
    ):
        assert who(asking, {"Authorization": bad}) == "None"
    assert who(asking, {"Authorization": good.replace("Bearer ", "bearer  ")}) == "alice"


def test_who_shows_a_token_is_nobodys_browser(services: Services, asking: TestApp) -> None:
    # Given a browser in which Mallory is signed in
    asking.cookiejar = signed_in(services, "mallory").cookiejar
    assert who(asking) == "mallory"
    # When a request shows a token besides
    token = token_of(services, "alice", "read")
    # Then it's Alice's or nobody's, and the cookie adds nothing
    assert who(asking, token) == "alice"
    assert who(asking, {"Authorization": "Bearer nonsense"}) == "None"
    asking.get("/signed-in", headers=token, status=403)
    asking.get("/read", status=403)


def test_who_asks_is_looked_up_once(services: Services, asking: TestApp) -> None:
    asking.cookiejar = signed_in(services, "alice").cookiejar
    statements: list[str] = []
    event.listen(services.database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert asking.get("/who").text == "alice alice alice"
    assert len([each for each in statements if each.startswith("SELECT")]) == 1


def test_the_page_that_says_that_it_can_not_be_found_out_is_made(services: Services) -> None:
    # Given Alice, and a database that lost its tables
    browser = signed_in(services, "alice")
    Base.metadata.drop_all(services.database.engine)
    with capture_logs():
        page = browser.get("/account", status=500)
    outline(page)
    page.mustcontain("This is FMN’s fault")
