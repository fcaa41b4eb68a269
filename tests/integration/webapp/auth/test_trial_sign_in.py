"""The trial's sign-in, asked over real connections: by whoever sits here, and through a proxy."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from fmn.settings import OidcSettings, Settings, SettingsError, WebSettings
from fmn.wiring import Services
from tests.integration.webapp.stream.listeners import Owner
from tests.servers.web_app import served
from webapp import application
from webapp.api.problems import ApiError
from webapp.stream.authentication import StreamAuthenticator

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

#: What proxies add, each by itself.
PASSED_ON = [
    {"Forwarded": "for=203.0.113.7"}, {"X-Forwarded-For": "203.0.113.7"}, {"X-Forwarded-Proto": "https"},
    {"X-Forwarded-Host": "fmn.example.org"}, {"X-Real-IP": "203.0.113.7"}, {"Via": "1.1 proxy"},
    {"Host": "fmn.example.org"},
]
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture
def url(services: Services) -> Iterator[str]:
    """Where `fmn up` answers."""
    with served(application(services, trial=True)) as (host, port):
        yield f"http://{host}:{port}"


def sign_in(browser: httpx.Client, nick: str) -> httpx.Response:
    token = TOKEN.search(browser.get("/sign-in").text)
    assert token
    return browser.post("/sign-in", data={"nick": nick, "csrf_token": token[1]})


def is_turned_away(answer: httpx.Response) -> bool:
    return answer.status_code == 303 and "/sign-in" in answer.headers["Location"]


def test_whoever_sits_here_may_be_anyone(url: str) -> None:
    with httpx.Client(base_url=url) as browser:
        assert sign_in(browser, "root").status_code == 303
        assert browser.get("/admin").status_code == 200


def test_a_stranger_behind_a_proxy_is_nobody(url: str) -> None:
    for header in PASSED_ON:
        # Given a stranger whose requests a proxy on this machine passes on, and who has a form's token
        with httpx.Client(base_url=url) as here, httpx.Client(base_url=url, headers=header) as stranger:
            token = TOKEN.search(here.get("/sign-in").text)
            assert token
            stranger.cookies = here.cookies
            # Then they're shown no form, and none is taken from them
            page = stranger.get("/sign-in").text
            assert "Account name" not in page, header
            assert "You can sign in only with a browser on the same machine" in page, header
            answer = stranger.post("/sign-in", data={"nick": "root", "csrf_token": token[1]})
            assert answer.status_code == 404, header
            assert is_turned_away(stranger.get("/admin")), header


def test_a_session_of_the_trial_is_worth_nothing_elsewhere(url: str) -> None:
    # Given the cookies of whoever sits here, in somebody else's hands
    with httpx.Client(base_url=url) as browser:
        sign_in(browser, "root")
        for header in PASSED_ON:
            assert browser.get("/admin").status_code == 200
            assert is_turned_away(browser.get("/admin", headers=header)), header


def test_the_live_feed_takes_it_from_this_machine_alone(services: Services, url: str) -> None:
    Owner.of(services, "alice")
    authenticator = StreamAuthenticator(services, trial=True)
    with httpx.Client(base_url=url) as browser:
        sign_in(browser, "alice")
        shown = {"host": "127.0.0.1", "cookie": f"fmn={browser.cookies['fmn']}"}
    assert authenticator.authenticate(shown, "alice", "127.0.0.1").token_id is None
    for headers, peer in (
        (shown, "192.0.2.1"), ({**shown, "host": "fmn.example.org"}, "127.0.0.1"),
        ({**shown, "x-forwarded-for": "203.0.113.7"}, "127.0.0.1"), ({**shown, "via": "1.1 a"}, "127.0.0.1"),
    ):
        with pytest.raises(ApiError, match="Sign in"):
            authenticator.authenticate(headers, "alice", peer)


def test_no_other_process_starts_with_it(services: Services) -> None:
    for start in (application, StreamAuthenticator):
        with pytest.raises(SettingsError, match="only fmn up does that"):
            start(services)


@pytest.mark.parametrize(("more", "sentence"), [
    ({"oidc": OidcSettings(issuer="https://id.fmn.test", client_id="fmn")},
     "though fmn.oidc.issuer says who"),
    ({"broker": {"url": "amqp://127.0.0.1"}}, "is for fmn up alone"),
])
def test_it_goes_with_no_provider_and_no_other_processes(
    services: Services, more: dict[str, object], sentence: str,
) -> None:
    with pytest.raises(ValueError, match=sentence):
        Settings.model_validate({"web": WebSettings(development_login=True), **more})
