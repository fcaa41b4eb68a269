"""A provider that refuses, breaks or lies, and one that is left in peace."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from structlog.testing import capture_logs
from webtest import TestApp

from fmn.wiring import Services
from tests.integration.webapp.oidc.flow import at_provider, come_back, refused, who, with_provider
from tests.integration.webapp.pages import outline
from tests.integration.webapp.signing_in import app_of
from tests.servers.oidc import CLIENT_SECRET, Behaviour, Claims, OidcProvider

#: What accounts are in the database is the same on each kind, see tests/integration/people/test_accounts.py.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


class TestTrouble:
    @pytest.mark.parametrize(("refusal", "status", "sentence"), [
        ("access_denied", 403, (
            "You didn’t allow the project&#39;s account to share your account name with FMN.")),
        ("server_error", 502, "The project&#39;s account didn’t sign you in."),
        ("<script>", 502, "The project&#39;s account didn’t sign you in."),
    ])
    def test_the_provider_may_refuse(
        self, web: TestApp, provider: OidcProvider, refusal: str, status: int, sentence: str,
    ) -> None:
        provider.behaviour.refusal = refusal
        answer = come_back(web, "/admin")
        refused(answer, status, sentence)
        # Trying again leads to the same place
        provider.behaviour.refusal = ""
        again = web.get(answer.html.find("a", class_="button")["href"])
        assert web.get(at_provider(again.location)).location == "http://localhost/admin"

    def test_the_provider_may_break_in_the_middle(self, services: Services, provider: OidcProvider) -> None:
        provider.behaviour.claims = {}
        for broken in ("/token", "/keys", "/userinfo"):
            provider.behaviour.broken = frozenset({broken})
            answer = come_back(TestApp(app_of(services)))
            refused(answer, 502, "The project&#39;s account is unreachable")

    def test_the_provider_may_give_nonsense_for_a_code(
        self, web: TestApp, provider: OidcProvider,
    ) -> None:
        provider.behaviour.claims = {}  # so that userinfo is asked for as well
        nonsense: list[Callable[[Claims], object]] = [
            lambda _answer: [], lambda _answer: "x", lambda _answer: {}, lambda _answer: {"error": {"a": 1}},
            lambda answer: {**answer, "id_token": 7}, lambda answer: {**answer, "id_token": "a.b.c"},
            lambda answer: {**answer, "access_token": None}, lambda answer: {**answer, "token_type": "odd"},
            lambda answer: {**answer, "expires_in": "soon"}, lambda answer: {**answer, "expires_in": -1},
            lambda answer: {"id_token": answer["id_token"]},
        ]
        for give in nonsense:
            provider.behaviour.give = give
            refused(come_back(web), 502, "roject")  # its name is in every sentence
            assert who(web) is None

    def test_the_provider_may_be_away(self, services: Services, provider: OidcProvider) -> None:
        browser = TestApp(app_of(services))
        provider.stop()
        try:
            refused(browser.get("/sign-in/begin", expect_errors=True), 502, "is unreachable")
        finally:
            provider.start()
        come_back(browser)
        assert who(browser) == "alice"

    def test_a_provider_that_publishes_nonsense_is_as_good_as_away(
        self, web: TestApp, provider: OidcProvider,
    ) -> None:
        nonsense: list[Callable[[Claims], None]] = [
            lambda document: document.clear(),
            lambda document: document.update(issuer="https://evil.example.org"),
            lambda document: document.update(token_endpoint="http://evil.example.org/token"),
            lambda document: document.update(jwks_uri=7),
        ]
        for publish in nonsense:
            provider.behaviour.publish = publish
            refused(web.get("/sign-in/begin", expect_errors=True), 502, "returned an error")

    def test_an_id_token_that_is_not_for_us_signs_nobody_in(
        self, web: TestApp, provider: OidcProvider,
    ) -> None:
        for lie in ({"nonce": "another"}, {"aud": "other"}, {"iss": "https://evil.example.org"}, {"exp": 1}):
            provider.behaviour.alter = lambda claims, lie=lie: claims.update(lie)  # type: ignore[misc] # it's one argument
            refused(come_back(web), 502, "can’t verify")
            assert who(web) is None

    def test_an_id_token_that_somebody_else_signed_signs_nobody_in(
        self, web: TestApp, provider: OidcProvider,
    ) -> None:
        stranger = OidcProvider()
        stranger.sign_as(provider)
        provider.behaviour.sign = stranger.signed
        refused(come_back(web), 502, "can’t verify")

    def test_a_wrong_secret_is_refused_by_the_provider(
        self, services: Services, provider: OidcProvider,
    ) -> None:
        browser = TestApp(app_of(with_provider(services, provider.issuer, client_secret="wrong")))
        refused(come_back(browser), 502, "didn’t confirm your sign-in")

    def test_a_code_of_another_sign_in_is_refused_by_the_provider(
        self, web: TestApp, services: Services, provider: OidcProvider,
    ) -> None:
        # Given a code that was stolen on its way back to Alice
        stolen = parse_qs(urlsplit(at_provider(web.get("/sign-in/begin").location)).query)["code"][0]
        # When Mallory puts it into her own link
        mallory = TestApp(app_of(services))
        link = at_provider(mallory.get("/sign-in/begin").location)
        answer = mallory.get(re.sub("code=[^&]+", f"code={stolen}", link), expect_errors=True)
        # Then it doesn't fit to what only Alice's browser knows
        refused(answer, 502, "didn’t confirm your sign-in")
        assert who(mallory) is None

    def test_an_answer_of_another_issuer_is_refused(self, web: TestApp, provider: OidcProvider) -> None:
        link = at_provider(web.get("/sign-in/begin").location)
        answer = web.get(f"{link}&iss=https://evil.example.org", expect_errors=True)
        refused(answer, 502, "The response didn’t come from")
        assert "/token" not in provider.asked

    def test_a_link_that_nobody_made_is_refused(self, web: TestApp) -> None:
        for query in ("", "?state=", "?code=x", "?state=%ff", "?error=access_denied", "?state=x&code=y"):
            answer = web.get(f"/sign-in/callback{query}", expect_errors=True)
            assert answer.status_int == 400
            outline(answer)

    def test_the_log_says_what_was_wrong_and_no_secret(self, web: TestApp, provider: OidcProvider) -> None:
        for behaviour in (
            Behaviour(refusal="x" * 500), Behaviour(broken=frozenset({"/token"})),
            Behaviour(alter=lambda claims: claims.update(nonce="another")),
        ):
            provider.behaviour = behaviour
            location = web.get("/sign-in/begin").location
            begun, link = parse_qs(urlsplit(location).query), at_provider(location)
            with capture_logs() as logs:
                web.get(link, expect_errors=True)
            entry, = (entry for entry in logs if entry["event"] == "sign-in failed")
            assert entry["reason"]
            assert 0 < len(entry["detail"]) < 200
            code = parse_qs(urlsplit(link).query).get("code", [])
            secrets = [CLIENT_SECRET, *begun["nonce"], *begun["state"], *code]
            assert not [secret for secret in secrets if secret in str(logs)]


class TestWhatIsKept:
    def test_the_provider_is_asked_for_its_papers_once(self, web: TestApp, provider: OidcProvider) -> None:
        for _ in range(2):
            come_back(web)
        assert provider.asked.count("/.well-known/openid-configuration") == 1
        assert provider.asked.count("/keys") == 1

    def test_new_keys_are_fetched_when_there_are_some(self, web: TestApp, provider: OidcProvider) -> None:
        come_back(web)
        provider.change_keys()
        assert come_back(web).status_int == 303
        assert provider.asked.count("/keys") == 2

    def test_a_secret_may_be_sent_in_the_form(self, services: Services, provider: OidcProvider) -> None:
        provider.behaviour.publish = lambda document: document.update(
            token_endpoint_auth_methods_supported=["client_secret_post"])
        browser = TestApp(app_of(services))
        come_back(browser)
        assert who(browser) == "alice"
