"""What a browser does to sign in, and who is signed in then."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import httpx
from webtest import TestApp, TestResponse

from fmn.settings import OidcSettings
from fmn.wiring import Services
from tests.integration.webapp.pages import outline
from tests.servers.oidc import CLIENT_ID, CLIENT_SECRET

FAILED = "We couldn’t sign you in"


def with_provider(services: Services, issuer: str, **settings: Any) -> Services:
    """The same services, with a provider to sign in with, and no other way in."""
    settings = {
        "issuer": issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
        "provider_name": "the project's account", **settings}
    web = services.settings.web.model_copy(update={"development_login": False})
    made = Services(services.settings.model_copy(update={"oidc": OidcSettings(**settings), "web": web}))
    made.cache = services.cache
    made.database = services.database
    return made


def at_provider(where: str) -> str:
    """Where the provider sends a browser back to that comes there."""
    answer = httpx.get(where)
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["Location"])
    assert back.netloc == "localhost"
    return f"{back.path}?{back.query}"


def come_back(browser: TestApp, to: str = "") -> TestResponse:
    """Begin to sign in, and come back from the provider."""
    begun = browser.get("/sign-in/begin", {"to": to} if to else {}, status=303)
    return browser.get(at_provider(begun.location), expect_errors=True)


def who(browser: TestApp) -> str | None:
    """Who is signed in, if it's somebody."""
    found = re.search(r"You’re already signed in as (\S+)\.", browser.get("/sign-in").text)
    return found[1] if found else None


def refused(answer: TestResponse, status: int, sentence: str) -> None:
    """The page says what's wrong, in one sentence, and has a button to try again."""
    assert answer.status_int == status
    page = outline(answer)
    answer.mustcontain(FAILED, sentence)
    buttons = [a["href"] or "" for a in page.all("a") if a.get("class") == "button"]
    assert any(href.startswith("/sign-in/begin") for href in buttons)
