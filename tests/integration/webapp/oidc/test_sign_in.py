"""Signing in with a real OpenID provider: over HTTP, with its own keys."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select
from webtest import TestApp

from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.people.models import DetailValue, User
from fmn.wiring import Services
from tests.integration.webapp.oidc.flow import at_provider, come_back, refused, who, with_provider
from tests.integration.webapp.pages import outline
from tests.integration.webapp.signing_in import app_of
from tests.servers.oidc import CLIENT_SECRET, OidcProvider

#: What accounts are in the database is the same on each kind, see tests/integration/people/test_accounts.py.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def account(database: Database, nick: str = "alice") -> User:
    with database.reading() as session:
        return session.scalars(select(User).where(User.nick == nick)).one()


class TestTheFirstTime:
    def test_an_account_is_made_with_nothing_switched_on(
        self, web: TestApp, database: Database, provider: OidcProvider,
    ) -> None:
        # Given the page that offers the provider by its name
        page = web.get("/sign-in")
        outline(page)
        button = page.html.find("a", class_="button")
        assert button.text == "Sign in with the project's account"

        # When Alice follows it, and comes back
        begun = web.get(button["href"], status=303)
        answer = web.get(at_provider(begun.location), status=303)

        # Then she has an account, and goes through the first visit
        assert urlsplit(answer.location).path == "/welcome"
        assert who(web) == "alice"
        user = account(database)
        assert user.email == "alice@example.org"
        assert user.signed_in_at is not None
        with database.reading() as session:
            preferences = session.get_one(User, user.id).preferences
            assert [(each.context, each.enabled, each.detail_values) for each in preferences] == [
                ("email", False, [])]

    def test_the_request_to_the_provider_is_one_that_only_we_can_finish(
        self, web: TestApp, provider: OidcProvider,
    ) -> None:
        first, second = (
            parse_qs(urlsplit(web.get("/sign-in/begin").location).query) for _ in range(2))
        assert first["response_type"] == ["code"]
        assert first["scope"] == ["openid profile email"]
        assert first["redirect_uri"] == ["http://localhost/sign-in/callback"]
        assert first["code_challenge_method"] == ["S256"]
        for name in ("state", "nonce", "code_challenge"):
            assert len(first[name][0]) >= 22
            assert first[name] != second[name]
        assert CLIENT_SECRET not in str(first)


class TestGoingOn:
    def test_one_goes_where_one_wanted(self, web: TestApp) -> None:
        # Given somebody who isn't signed in and opens a page of their own
        led = web.get("/admin?x=1&y=%C3%A9", status=303)
        button = web.get(led.location).html.find("a", class_="button")
        # When they sign in
        answer = web.get(at_provider(web.get(button["href"]).location), status=303)
        # Then it's that page which they get, though it's their first visit
        assert answer.location == "http://localhost/admin?x=1&y=%C3%A9"

    def test_whoever_was_here_before_goes_home(
        self, web: TestApp, database: Database,
    ) -> None:
        come_back(web)
        with database.transaction() as session:
            session.get_one(User, account(database).id).set_up_at = utc_now()
        for wanted in ("", "/"):
            assert come_back(web, wanted).location == "http://localhost/"

    def test_nobody_is_led_elsewhere(self, web: TestApp) -> None:
        for elsewhere in (
            "//evil.example.org", "https://evil.example.org/", "/\\evil.example.org", "/\t/evil.example.org",
            "javascript:alert(1)", "/" + "a" * 2000, "/é", "%00",
        ):
            assert come_back(web, elsewhere).location == "http://localhost/welcome"


class TestClaims:
    def test_the_settings_say_which_they_are(
        self, services: Services, provider: OidcProvider, database: Database,
    ) -> None:
        provider.behaviour.claims = {
            "preferred_username": "bob", "nickname": "Bobby", "mail": "bob@example.org"}
        browser = TestApp(app_of(with_provider(
            services, provider.issuer, nick_claim="preferred_username", email_claim="mail")))
        come_back(browser)
        assert who(browser) == "bob"
        assert account(database, "bob").email == "bob@example.org"
        assert "/userinfo" not in provider.asked

    def test_what_the_id_token_does_not_say_is_asked_for(
        self, web: TestApp, provider: OidcProvider, database: Database,
    ) -> None:
        provider.behaviour.claims = {}
        provider.behaviour.userinfo = {"nickname": "alice", "email": "alice@example.org"}
        come_back(web)
        assert account(database).email == "alice@example.org"

    def test_userinfo_about_somebody_else_is_not_believed(self, web: TestApp, provider: OidcProvider) -> None:
        provider.behaviour.claims = {}
        provider.behaviour.userinfo = {"sub": "person-2", "nickname": "root"}
        refused(come_back(web), 502, "can’t verify")

    def test_an_account_can_only_be_called_what_messages_may_call_it(
        self, web: TestApp, provider: OidcProvider, database: Database,
    ) -> None:
        unsaid = "didn’t send your account name"
        for nick, sentence in (
            (None, unsaid), ("", unsaid), ([], unsaid), ("@python", "the account name “@python”"),
            (7, "the account name “7”"), ("<b>", "the account name “&lt;b&gt;”"),
            ("a" * 65, "isn’t valid in FMN"), ("al\nice", "“al�ice”"), (["alice"], "isn’t valid in FMN"),
        ):
            provider.behaviour.claims = {"nickname": nick, "email": "alice@example.org"}
            refused(come_back(web), 403, sentence)
        with database.reading() as session:
            assert session.scalars(select(User)).all() == []

    def test_what_is_no_address_is_left_out(
        self, web: TestApp, provider: OidcProvider, database: Database,
    ) -> None:
        for email in (None, "", "nonsense", 7, "a@b\r\nBcc: c@example.org", "a" * 600 + "@example.org"):
            provider.behaviour.claims = {"nickname": "alice", "email": email}
            come_back(web)
            assert account(database).email is None

    def test_an_address_that_is_not_said_any_more_is_kept(
        self, web: TestApp, provider: OidcProvider, database: Database,
    ) -> None:
        come_back(web)
        provider.behaviour.claims = {"nickname": "alice"}
        come_back(web)
        assert account(database).email == "alice@example.org"


class TestConfirmedAddresses:
    @pytest.mark.parametrize(("setting", "verified", "addresses"), [
        (True, True, ["alice@example.org"]), (True, "true", ["alice@example.org"]),
        (True, False, []), (True, 1, []), (False, True, []),
    ])
    def test_count_only_where_the_site_and_the_provider_say_so(
        self, services: Services, provider: OidcProvider, database: Database,
        setting: bool, verified: object, addresses: list[str],
    ) -> None:
        provider.behaviour.claims |= {"email_verified": verified}
        come_back(TestApp(app_of(with_provider(services, provider.issuer, confirmed_email=setting))))
        with database.reading() as session:
            found = session.scalars(select(DetailValue)).all()
            assert [each.value for each in found if each.confirmed_at] == addresses

    def test_verified_elsewhere_is_not_verified_here(
        self, services: Services, provider: OidcProvider, database: Database,
    ) -> None:
        # The address of the ID token isn't the one that userinfo calls verified.
        provider.behaviour.claims = {"email": "root@example.org"}
        provider.behaviour.userinfo = {
            "nickname": "alice", "email": "alice@example.org", "email_verified": True}
        come_back(TestApp(app_of(with_provider(services, provider.issuer, confirmed_email=True))))
        assert account(database).email == "root@example.org"
        with database.reading() as session:
            assert session.scalars(select(DetailValue)).all() == []
