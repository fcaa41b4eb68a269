"""The frame of every page: places, the pages nearby, the unread number, the language."""

from __future__ import annotations

import pytest
from webtest import TestApp, TestResponse

from tests.integration.webapp.world import World


def current(page: TestResponse) -> list[str]:
    """The places that a page says it is at."""
    return [link.get_text(" ", strip=True) for link in page.html.select("nav a[aria-current=page]")]


def favicon(page: TestResponse) -> str:
    return str(page.html.select_one("link[rel=icon]")["href"])


def test_the_unread_number_is_in_the_title_the_places_and_the_favicon(alice: TestApp, world: World) -> None:
    assert (alice.get("/mutes").html.title.text, favicon(alice.get("/mutes"))) == (
        "Mutes – FMN", "/static/icon.svg")

    world.receive_comment()

    page = alice.get("/mutes")
    assert (page.html.title.text, favicon(page)) == ("(1) Mutes – FMN", "/static/icon-unread.svg")
    assert page.html.select_one("header .count").get_text() == "1 unread"
    alice.get(favicon(page))


@pytest.mark.parametrize(("path", "place"), [
    ("/account", ["alice", "Account"]),
    ("/preferences/email", ["E-mail"]),
    ("/mutes", ["Mutes"]),
    ("/account/tokens", ["API tokens"]),
    ("/inbox", ["Inbox", "Inbox"]),  # of all places, and of the inbox's views
    ("/", ["Home"]),
])
def test_a_page_says_where_it_is(alice: TestApp, path: str, place: list[str]) -> None:
    assert current(alice.get(path)) == place


def test_settings_have_each_other_beside_them(alice: TestApp) -> None:
    nearby = alice.get("/mutes").html.select_one("nav[aria-label=Settings]")

    assert [link.get_text(strip=True) for link in nearby.select("a")] == [
        "Account", "E-mail", "Add a channel", "Groups", "Mutes", "Import and export", "API tokens"]
    for link in nearby.select("a"):
        alice.get(link["href"])


def test_a_page_without_pages_nearby_has_no_aside(alice: TestApp) -> None:
    assert alice.get("/").html.select(".aside") == []


@pytest.mark.parametrize(("wanted", "language"), [
    ("de-AT, de;q=0.9, en;q=0.8", "de"),
    ("tlh, en;q=0.5", "en"),
    ("tlh", "en"),
    ("", "en"),
])
def test_a_page_is_in_the_language_that_the_browser_asks_for(
    web: TestApp, wanted: str, language: str,
) -> None:
    page = web.get("/", headers={"Accept-Language": wanted})

    assert (page.html.html["lang"], page.headers["Content-Language"]) == (language, language)


def test_programs_get_english(web: TestApp) -> None:
    answer = web.get("/api/v1/me", headers={"Accept-Language": "de"}, status=401)

    assert answer.headers["Content-Language"] == "en"
