"""Signing in where there's no provider: in production, and in a trial installation."""

from __future__ import annotations

import pytest
from webtest import TestApp

from fmn.filters.account_creation import create_user
from fmn.filters.default_filters import default_filters
from fmn.filters.rule_types import rule_types
from fmn.infra.db import Database
from fmn.settings import DatabaseSettings, Settings, WebSettings
from fmn.wiring import Services
from tests.factories.secrets import SECRET
from tests.integration.webapp.oidc.flow import who
from tests.integration.webapp.pages import outline
from tests.integration.webapp.signing_in import signed_in
from webapp import application

#: What accounts are in the database is the same on each kind, see tests/integration/people/test_accounts.py.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


class TestWithoutAProvider:
    def test_nobody_can_sign_in_and_the_page_says_what_to_set(self, database: Database) -> None:
        # Given a site in production whose administrator hasn't set a provider
        web = TestApp(application(Services(Settings(
            database=DatabaseSettings(url=database.url),
            web=WebSettings(base_url="https://fmn.example.org", secret=SECRET)))))
        # Then it works, and says so
        page = web.get("/sign-in")
        outline(page)
        page.mustcontain("Sign-in isn’t configured yet", "fmn.oidc.issuer", "fmn.oidc.client_id")
        assert page.html.find("form") is None
        web.post("/sign-in", {"nick": "root"}, status=403)
        for where in ("/sign-in/begin", "/sign-in/callback?state=x&code=y"):
            assert web.get(where, status=303).location.endswith("/sign-in")


class TestGoingOn:
    def test_one_goes_where_one_wanted_and_at_first_through_the_first_visit(self, web: TestApp) -> None:
        for wanted, place in (("/admin", "/admin"), ("", "/welcome"), ("//evil.example.org", "/welcome")):
            form = web.get("/sign-in", {"to": wanted}).forms[0]
            form["nick"] = "bob"
            assert form.submit(status=303).location == f"http://localhost{place}"


    def test_whoever_has_filters_and_an_address_is_no_newcomer(
        self, web: TestApp, services: Services,
    ) -> None:
        # Given people who were set up by somebody else, and one who has filters but no address
        with services.database.transaction() as session:
            for nick, addresses in (("ready", ["ready@example.org"]), ("lost", [])):
                create_user(session, nick, {"email": addresses}, default_filters(rule_types()))
        for nick, place in (("ready", "/"), ("lost", "/welcome")):
            form = web.get("/sign-in").forms[0]
            form["nick"] = nick
            assert form.submit(status=303).location == f"http://localhost{place}"


class TestTheDevelopmentLogin:
    def test_lets_one_be_anybody(self, services: Services) -> None:
        assert who(signed_in(services, "bob")) == "bob"

    def test_refuses_what_is_no_name_of_an_account(self, web: TestApp) -> None:
        for nick in ("", "two words", "<script>", "a" * 65):
            form = web.get("/sign-in?to=/admin").forms[0]
            form["nick"] = nick
            answer = form.submit(status=422)
            outline(answer)
            assert answer.forms[0]["nick"].value == nick
            assert answer.forms[0]["to"].value == "/admin"
            assert who(web) is None
