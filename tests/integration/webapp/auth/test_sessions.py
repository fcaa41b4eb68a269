"""Being signed in: how long it lasts, what ends it, and what its cookie is good for."""

from __future__ import annotations

import time
from collections.abc import Callable
from http.cookies import Morsel, SimpleCookie
from typing import Any

import pytest
from sqlalchemy import delete, update
from webob.cookies import SignedSerializer
from webtest import TestApp, TestResponse

from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.people.models import User
from fmn.wiring import Services
from tests.factories.clocks import Clock
from tests.integration.webapp.signing_in import new_browser, signed_in

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

Later = Callable[..., None]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """Turns the clocks of the web app, ours and that of its cookies."""
    clock = Clock(utc_now())
    monkeypatch.setattr("webapp.request.utc_now", clock)
    monkeypatch.setattr(time, "time", lambda: clock().timestamp())
    return clock.turn


def lasting(services: Services, **settings: Any) -> Services:
    """The same with other settings of the web app."""
    web = services.settings.web.model_copy(update=settings)
    made = Services(services.settings.model_copy(update={"web": web}))
    made.cache, made.database = services.cache, services.database
    return made


def is_in(browser: TestApp) -> bool:
    return bool(browser.get("/account/delete").status_int == 200)


def cookies(answer: TestResponse) -> dict[str, Morsel[str]]:
    """The cookies that a response sets, by their names."""
    return {name: morsel for header in answer.headers.getall("Set-Cookie")
            for name, morsel in SimpleCookie(header).items()}


class TestTime:
    @pytest.mark.parametrize("hours", [0.5, 14])
    def test_a_session_ends_that_nobody_uses(self, services: Services, later: Later, hours: float) -> None:
        browser = signed_in(lasting(services, session_hours=hours), "alice")
        later(minutes=hours * 60 - 1)
        assert is_in(browser)
        # From that visit on it lasts as long again,
        later(minutes=hours * 60 - 1)
        assert is_in(browser)
        # and not longer
        later(minutes=hours * 60 + 1)
        assert not is_in(browser)

    def test_a_session_ends_however_much_it_is_used(self, services: Services, later: Later) -> None:
        browser = signed_in(lasting(services, session_hours=14, longest_session_days=1), "alice")
        for _ in range(2):
            later(minutes=60 * 11)
            assert is_in(browser)
        later(minutes=60 * 3)
        assert not is_in(browser)
        # Signing in again begins a new one
        later(minutes=1)
        assert is_in(signed_in(services, "alice"))

    def test_its_cookie_lasts_as_long_and_is_not_set_anew_each_time(
        self, services: Services, later: Later,
    ) -> None:
        browser = new_browser(lasting(services, session_hours=14))
        form = browser.get("/sign-in").forms[0]
        form["nick"] = "alice"
        assert cookies(form.submit())["fmn"]["max-age"] == str(14 * 3600)
        later(minutes=50)
        assert "Set-Cookie" not in browser.get("/account/delete").headers
        later(minutes=20)
        assert "fmn" in cookies(browser.get("/account/delete"))


class TestEnd:
    def test_another_version_of_the_account_ends_it(self, services: Services, database: Database) -> None:
        browser = signed_in(services, "alice")
        with database.transaction() as session:
            session.execute(update(User).values(session_version=User.session_version + 1))
        assert not is_in(browser)
        assert is_in(signed_in(services, "alice"))

    def test_an_account_that_is_gone_ends_it(self, services: Services, database: Database) -> None:
        browser = signed_in(services, "alice")
        with database.transaction() as session:
            session.execute(delete(User))
        assert not is_in(browser)
        # and whoever gets the name next is somebody else
        assert is_in(signed_in(services, "alice"))
        assert not is_in(browser)


class TestTheCookie:
    def test_is_worth_nothing_if_it_was_changed(self, services: Services) -> None:
        good = signed_in(services, "alice").cookies["fmn"]
        value = [0, 0, {"signed_in": {"id": 1, "version": 0, "at": int(time.time())}}]
        forged = [
            SignedSerializer(secret, "pyramid.session.", "sha512").dumps(value).decode()
            for secret in ("", "of the tests", "session of the tests")]
        other = "B" if good[0] == "A" else "A"
        for bad in (good[:-1], f"{other}{good[1:]}", good[::-1], "", "nonsense", "é", "a" * 4000, *forged):
            browser = new_browser(services, {"HTTP_COOKIE": f"fmn={bad}"})
            assert not is_in(browser)
        assert is_in(new_browser(services, {"HTTP_COOKIE": f"fmn={good}"}))

    def test_of_another_site_is_worth_nothing(self, services: Services) -> None:
        elsewhere = signed_in(lasting(services, secret="another one"), "alice").cookies["fmn"]
        assert not is_in(new_browser(services, {"HTTP_COOKIE": f"fmn={elsewhere}"}))

    def test_outlives_a_change_of_the_secret_and_is_signed_with_the_new_one(
        self, services: Services, later: Later,
    ) -> None:
        cookie = signed_in(services, "alice").cookies["fmn"]
        changed = lasting(services, secret="the next one", previous_secrets=("of the tests",))
        browser = new_browser(changed)
        browser.set_cookie("fmn", cookie)
        assert is_in(browser)
        # Given that the old one is forgotten, after everybody has come by
        later(minutes=120)
        assert is_in(browser)
        forgetful = lasting(services, secret="the next one")
        new = new_browser(forgetful, {"HTTP_COOKIE": f"fmn={browser.cookies['fmn']}"})
        old = new_browser(forgetful, {"HTTP_COOKIE": f"fmn={cookie}"})
        assert (is_in(new), is_in(old)) == (True, False)

    def test_says_that_it_is_for_us_alone(self, services: Services) -> None:
        browser = new_browser(services)
        form = browser.get("/sign-in").forms[0]
        form["nick"] = "alice"
        found = cookies(form.submit())
        assert found.keys() == {"fmn", "csrf_token"}
        for cookie in found.values():
            assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", "")

    def test_over_https_no_other_host_can_set_it(self, services: Services) -> None:
        secure = lasting(services, base_url="https://localhost")
        browser = new_browser(secure, {"wsgi.url_scheme": "https"})
        form = browser.get("/sign-in").forms[0]
        form["nick"] = "alice"
        found = cookies(form.submit(headers={"Referer": "https://localhost/sign-in"}))
        assert found.keys() == {"__Host-fmn", "__Host-csrf"}
        for cookie in found.values():
            assert (cookie["path"], cookie["domain"]) == ("/", "")
            assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", True)
        assert is_in(browser)

    def test_that_a_browser_had_before_is_worth_nothing_after_signing_in(self, services: Services) -> None:
        # Given cookies that Mallory put into Alice's browser, with a token that she knows
        mallory = signed_in(services, "mallory")
        alice = new_browser(services, jar=mallory.cookiejar)
        planted = dict(alice.cookies)
        form = alice.get("/sign-in").forms[0]
        form["nick"] = "alice"
        form.submit(status=303)
        # Then Alice has others
        assert not {*planted.values()} & {*alice.cookies.values()}
        alice.post("/account/feed", {"csrf_token": planted["csrf_token"]}, status=403)


def test_nobody_who_only_looks_gets_a_session(web: TestApp) -> None:
    for where in ("/", "/help", "/catalogue", "/healthz", "/nothing"):
        assert "fmn" not in cookies(web.get(where, expect_errors=True))
