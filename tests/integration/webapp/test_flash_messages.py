"""What the next page says, and that it never says too much for a cookie."""

from __future__ import annotations

import pytest
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from webtest import TestApp

from fmn.wiring import Services
from tests.integration.webapp.signing_in import LOCAL
from webapp import configured
from webapp.auth.sessions import KEY
from webapp.flash_messages import Flash, said, say
from webapp.oidc.pending_sign_ins import MOST, remember
from webapp.oidc.sign_in_attempt import Attempt
from webapp.redirects import LONGEST
from webapp.request import Request

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

#: A character that needs as many bytes as any.
WIDE = "\U0001F4EC"


@pytest.fixture
def teller(services: Services) -> TestApp:
    """An app that says what it's told to, and repeats what is to be said."""
    def tell(request: Request) -> Response:
        for sentence in request.params.getall("say"):
            say(request, sentence, undo=7, trouble=True)
        return Response("")

    def fill(request: Request) -> Response:
        request.session[KEY] = {
            "id": 2**63 - 1, "version": 2**31 - 1, "at": 2**33, "nonce": "f" * 16}
        for _ in range(MOST + 1):
            remember(request, Attempt.new("/" + "a" * (LONGEST - 1)))
        return Response("")

    def repeat(request: Request) -> Response:
        return Response("\n".join(repr(each) for each in said(request)))

    config = configured(services, trial=True)
    for view in (tell, fill, repeat):
        config.add_route(view.__name__, f"/{view.__name__}")
        config.add_view(view, route_name=view.__name__, permission=NO_PERMISSION_REQUIRED, require_csrf=False)
    return TestApp(config.make_wsgi_app(), extra_environ=LOCAL)


def test_it_is_said_once(teller: TestApp) -> None:
    teller.get("/tell", {"say": "Saved."})
    assert teller.get("/repeat").text == repr(Flash("Saved.", 7, trouble=True))
    assert teller.get("/repeat").text == ""


def test_a_page_that_says_nothing_sets_no_cookie(teller: TestApp) -> None:
    assert "Set-Cookie" not in teller.get("/repeat").headers


def test_the_last_ones_are_said_to_whoever_did_not_look_for_long(teller: TestApp) -> None:
    for number in range(100):
        teller.get("/tell", {"say": f"Sentence {number} of a person who never looks at a page."})
    lines = teller.get("/repeat").text.splitlines()
    assert "Sentence 99 " in lines[-1]
    assert 3 < len(lines) < 100


def test_there_is_room_for_the_longest_beside_the_most_that_a_session_holds(teller: TestApp) -> None:
    teller.get("/fill")
    teller.get("/tell", [("say", WIDE * 1000), ("say", '"\\' * 500), ("say", "a" * 1000)])
    assert len(teller.cookies["fmn"]) < 4000
    assert "a" * 200 + "…" in teller.get("/repeat").text
    teller.get("/tell", {"say": WIDE * 1000})
    assert f"{WIDE * 200}…" in teller.get("/repeat").text
