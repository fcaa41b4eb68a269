"""Signing out here and at the provider."""

from __future__ import annotations

from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import select
from webtest import TestApp, TestResponse

from fmn.infra.db import Database
from fmn.people.models import User
from fmn.wiring import Services
from tests.integration.webapp.oidc.flow import come_back, who
from tests.integration.webapp.pages import outline
from tests.integration.webapp.signing_in import app_of
from tests.servers.oidc import CLIENT_ID, OidcProvider

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def sign_out(browser: TestApp) -> TestResponse:
    """The page that one gets to who signs out."""
    return browser.get("/sign-out").form.submit(status=303).follow()


def test_one_is_led_on_to_the_provider_and_back_again_once(web: TestApp) -> None:
    # Given Alice, who signed in with the provider
    come_back(web)

    # When she signs out
    page = sign_out(web)

    # Then she's led on, by herself or by a button, because browsers don't let forms end elsewhere
    found = outline(page)
    refresh = next(meta["content"] for meta in found.all("meta") if meta.get("http-equiv") == "refresh")
    further = page.html.find("a", class_="button")["href"]
    assert refresh == f"0; url={further}"
    said = parse_qs(urlsplit(further).query)
    assert said["client_id"] == [CLIENT_ID]
    assert len(said["id_token_hint"][0].split(".")) == 3

    # And back to a page that leads no further
    back = httpx.get(further).headers["Location"]
    assert back == "http://localhost/sign-out"
    page = web.get(back)
    page.mustcontain("You’re signed out", "Sign in again", no=["refresh"])
    assert who(web) is None


def test_another_sites_link_signs_nobody_out_there(web: TestApp, database: Database) -> None:
    # Given Alice, whose session has ended by itself
    come_back(web)
    with database.transaction() as session:
        session.scalars(select(User)).one().session_version += 1
    # When a link leads her to our page
    page = web.get("/sign-out")
    # Then it leads no further
    page.mustcontain("You’re signed out", no=["refresh"])


def test_the_token_is_shown_to_nobody_else(services: Services) -> None:
    secure = Services(services.settings.model_copy(update={
        "web": services.settings.web.model_copy(update={"base_url": "https://localhost"})}))
    for these, flag in ((services, ""), (secure, True)):
        browser = TestApp(app_of(these), extra_environ={"wsgi.url_scheme": "https"})
        cookies = [SimpleCookie(value) for value in come_back(browser).headers.getall("Set-Cookie")]
        cookie = next(each["fmn-id-token"] for each in cookies if "fmn-id-token" in each)
        assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/sign-out", True, "Lax")
        assert cookie["secure"] == flag


def test_a_token_too_long_for_a_cookie_is_done_without(web: TestApp, provider: OidcProvider) -> None:
    provider.behaviour.claims["groups"] = ["a group with a long name"] * 200
    come_back(web)
    assert who(web) == "alice"
    said = parse_qs(urlsplit(sign_out(web).html.find("a", class_="button")["href"]).query)
    assert set(said) == {"client_id", "post_logout_redirect_uri"}


def test_a_provider_that_has_no_such_place_is_not_bothered(
    services: Services, provider: OidcProvider,
) -> None:
    provider.behaviour.publish = lambda document: document.pop("end_session_endpoint")
    browser = TestApp(app_of(services))
    come_back(browser)
    sign_out(browser).mustcontain("You’re signed out", "Sign in again", no=["refresh"])


def test_a_provider_that_is_away_keeps_nobody_here(services: Services, provider: OidcProvider) -> None:
    browser = TestApp(app_of(services))
    come_back(browser)
    # Given another process that answers now, and a provider that's away
    other = TestApp(app_of(services), cookiejar=browser.cookiejar)
    provider.stop()
    try:
        page = sign_out(other)
    finally:
        provider.start()
    page.mustcontain("You’re signed out", "You may still be signed in at", "is unreachable")
    assert who(other) is None


def test_whose_session_has_ended_may_sign_out_as_well(web: TestApp, database: Database) -> None:
    # Given a page that was opened before all sessions were ended
    come_back(web)
    form = web.get("/sign-out").form
    with database.transaction() as session:
        session.scalars(select(User)).one().session_version += 1
    # Then its button does what it says
    form.submit(status=303).follow().mustcontain("You’re signed out")
