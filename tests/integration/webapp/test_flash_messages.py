"""What the next page says, and that it never says too much for a cookie."""

from __future__ import annotations

import pytest
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from webtest import TestApp

from fmn.wiring import Services
from tests.integration.webapp.signing_in import LOCAL
from webapp import configured
from webapp.auth.pending_sign_ins import MAX_ATTEMPTS, remember_attempt
from webapp.auth.sessions import SESSION_KEY
from webapp.flash_messages import FlashMessage, flash, pop_flashes
from webapp.oidc.sign_in_attempt import SignInAttempt
from webapp.redirects import MAX_PATH_LENGTH
from webapp.request import Request

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

#: A character that needs as many bytes as any.
WIDE = "\U0001F4EC"


@pytest.fixture
def flashing_app(services: Services) -> TestApp:
    """An app that says what it's told to, and repeats what is to be said."""
    def tell(request: Request) -> Response:
        for sentence in request.params.getall("say"):
            flash(request, sentence, undo="/undo/7", error=True)
        return Response("")

    def fill(request: Request) -> Response:
        request.session[SESSION_KEY] = {
            "id": 2**63 - 1, "version": 2**31 - 1, "at": 2**33, "nonce": "f" * 16}
        for _ in range(MAX_ATTEMPTS + 1):
            remember_attempt(request, SignInAttempt.new("/" + "a" * (MAX_PATH_LENGTH - 1)))
        return Response("")

    def repeat(request: Request) -> Response:
        return Response("\n".join(repr(each) for each in pop_flashes(request)))

    def tell_as_before(request: Request) -> Response:
        request.session.flash(["Deleted.", 7, False, "inbox_undo"])
        return Response("")

    config = configured(services, trial=True)
    for view in (tell, tell_as_before, fill, repeat):
        config.add_route(view.__name__, f"/{view.__name__}")
        config.add_view(view, route_name=view.__name__, permission=NO_PERMISSION_REQUIRED, require_csrf=False)
    return TestApp(config.make_wsgi_app(), extra_environ=LOCAL)


def test_it_is_said_once(flashing_app: TestApp) -> None:
    flashing_app.get("/tell", {"say": "Saved."})
    assert flashing_app.get("/repeat").text == repr(FlashMessage("Saved.", "/undo/7", error=True))
    assert flashing_app.get("/repeat").text == ""


def test_a_cookie_of_the_previous_version_is_said_without_its_undo(flashing_app: TestApp) -> None:
    flashing_app.get("/tell_as_before")
    assert flashing_app.get("/repeat").text == repr(FlashMessage("Deleted."))


def test_a_page_that_says_nothing_sets_no_cookie(flashing_app: TestApp) -> None:
    assert "Set-Cookie" not in flashing_app.get("/repeat").headers


def test_the_last_ones_are_said_to_whoever_did_not_look_for_long(flashing_app: TestApp) -> None:
    for number in range(100):
        flashing_app.get("/tell", {"say": f"Sentence {number} of a person who never looks at a page."})
    lines = flashing_app.get("/repeat").text.splitlines()
    assert "Sentence 99 " in lines[-1]
    assert 3 < len(lines) < 100


def test_there_is_room_for_the_longest_beside_the_most_that_a_session_holds(flashing_app: TestApp) -> None:
    flashing_app.get("/fill")
    flashing_app.get("/tell", [("say", WIDE * 1000), ("say", '"\\' * 500), ("say", "a" * 1000)])
    assert len(flashing_app.cookies["fmn"]) < 4000
    assert "a" * 200 + "…" in flashing_app.get("/repeat").text
    flashing_app.get("/tell", {"say": WIDE * 1000})
    assert f"{WIDE * 200}…" in flashing_app.get("/repeat").text
