"""What holds for every form and every request."""

from __future__ import annotations

import pytest
from pyramid.csrf import get_csrf_token
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from webtest import TestApp

from fmn.wiring import Services
from tests.integration.webapp.pages import outline
from tests.integration.webapp.signing_in import LOCAL
from tests.integration.webapp.world import World
from webapp import configured
from webapp.views import unsubscribe


@pytest.fixture
def form(services: Services) -> TestApp:
    """The app with one more form; nobody said that it needs a token, so it does."""
    config = configured(services, trial=True)
    config.add_route("form", "/form")
    config.add_view(
        lambda request: Response(get_csrf_token(request)), route_name="form", request_method="GET",
        permission=NO_PERMISSION_REQUIRED)
    config.add_view(
        lambda _request: Response("done"), route_name="form", request_method="POST",
        permission=NO_PERMISSION_REQUIRED)
    return TestApp(config.make_wsgi_app(), extra_environ=LOCAL)


def test_a_form_without_its_token_is_refused(form: TestApp) -> None:
    for values in ({}, {"csrf_token": "made up"}):
        page = form.post("/form", values, status=403)
        outline(page)
        page.mustcontain("This form has expired", "Nothing was changed")


def test_a_form_with_its_token_is_taken(form: TestApp) -> None:
    token = form.get("/form").text
    assert form.post("/form", {"csrf_token": token}).text == "done"


def test_a_form_with_somebody_elses_token_is_refused(form: TestApp, services: Services) -> None:
    token = form.get("/form").text
    form.reset()  # Mallory's token in Alice's browser, which has another cookie or none
    form.get("/form")
    form.post("/form", {"csrf_token": token}, status=403)


def test_the_cookie_is_for_us_alone(form: TestApp) -> None:
    cookie = form.get("/form").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_request_that_fails_changes_nothing(
    web: TestApp, world: World, monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given a page that can't be made after its request changed something
    def fail(_context: str) -> str:
        raise RuntimeError("made up")

    monkeypatch.setattr(unsubscribe, "context_name", fail)
    web.post(world.stop_filter, {"action": "stop"}, status=500).mustcontain("Nothing was changed")
    assert world.on == (True, True)
