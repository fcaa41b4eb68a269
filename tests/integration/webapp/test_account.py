"""Somebody's account: its page, the time zone, signing out everywhere, the feed's address."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from sqlalchemy import select
from webtest import TestApp

from fmn.infra.db import Database
from fmn.people.models import User
from fmn.wiring import Services
from tests.integration.webapp.pages import outline
from tests.integration.webapp.signing_in import signed_in
from tests.integration.webapp.world import path


def account(database: Database, nick: str = "alice") -> User:
    with database.reading() as session:
        return session.scalars(select(User).where(User.nick == nick)).one()


def test_says_who_one_is_and_leads_to_all_that_is_ones_own(alice: TestApp, database: Database) -> None:
    with database.transaction() as session:
        session.scalars(select(User)).one().email = "alice@example.org"
    page = alice.get("/account")
    found = outline(page)
    page.mustcontain("<h1>alice</h1>", "alice@example.org (from your sign-in)", "today at")
    links = {urlsplit(a["href"] or "").path for a in found.all("a")}
    assert links >= {
        "/account/tokens", "/account/preferences", "/mutes", "/account/export", "/account/delete",
        "/preferences/email"}


class TestTheTimeZone:
    def test_is_chosen_from_a_list(self, alice: TestApp, database: Database) -> None:
        # Given a page that says UTC
        form = alice.get("/account").forms[0]
        assert form["time_zone"].value == "UTC"
        # When Alice chooses another one
        form["time_zone"] = "America/Argentina/Buenos_Aires"
        page = form.submit(status=303).follow()
        # Then it's that
        page.mustcontain("Your time zone is now Argentina – Buenos Aires.")
        assert page.forms[0]["time_zone"].value == "America/Argentina/Buenos_Aires"
        assert account(database).time_zone == "America/Argentina/Buenos_Aires"

    def test_that_is_none_is_refused(self, alice: TestApp, database: Database) -> None:
        form = alice.get("/account").forms[0]
        for nonsense in ("Mars/Base", "", "x" * 5000, "<b>"):
            form["time_zone"].force_value(nonsense)
            page = form.submit(status=422)
            outline(page)
            page.mustcontain("There is no such time zone. Choose one of the list.")
        assert account(database).time_zone == "UTC"

    def test_that_is_in_no_list_stays(self, alice: TestApp, database: Database) -> None:
        with database.transaction() as session:
            session.scalars(select(User)).one().time_zone = "Japan"
        assert alice.get("/account").forms[0]["time_zone"].value == "Japan"


class TestTheLanguage:
    def test_is_the_browsers_until_one_is_chosen(self, alice: TestApp, database: Database) -> None:
        german = {"Accept-Language": "de"}
        assert alice.get("/account", headers=german).html.html["lang"] == "de"
        # When Alice chooses another one than her browser's
        form = alice.get("/account").forms[1]
        form["language"] = "en"
        form.submit(headers=german, status=303)
        # Then pages are in it, those that anybody may see as well
        assert account(database).language == "en"
        assert alice.get("/account", headers=german).html.html["lang"] == "en"
        assert alice.get("/help", headers=german).headers["Content-Language"] == "en"

    def test_that_was_chosen_is_spoken_at_once(self, alice: TestApp) -> None:
        form = alice.get("/account").forms[1]
        form["language"] = "de"
        page = form.submit(status=303).follow()
        page.mustcontain("Seiten sind jetzt auf Deutsch.", "Privater Feed")

    def test_that_nobody_speaks_is_refused(self, alice: TestApp, database: Database) -> None:
        form = alice.get("/account").forms[1]
        form["language"].force_value("tlh")
        form.submit(status=422).mustcontain("FMN doesn’t speak this language. Choose one of the list.")
        assert account(database).language is None

    def test_of_the_browser_is_that_of_mails_from_the_first_sign_in_on(
        self, web: TestApp, database: Database,
    ) -> None:
        form = web.get("/sign-in", headers={"Accept-Language": "de"}).form
        form["nick"] = "bob"
        form.submit(headers={"Accept-Language": "de"}, status=303)
        assert account(database, "bob").language == "de"


def test_signing_out_everywhere_ends_every_session(
    alice: TestApp, services: Services, mallory: TestApp,
) -> None:
    # Given Alice in two browsers
    other = signed_in(services, "alice")
    forms = alice.get("/account").forms.values()
    form = next(form for form in forms if form.action == "/account/sessions")
    # When she signs out everywhere in one of them
    form.submit(status=303).follow().mustcontain("You’re signed out")
    # Then she's signed in nowhere, and others still are
    for browser, status in ((alice, 303), (other, 303), (mallory, 200)):
        browser.get("/account", status=status)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_feed_gets_a_new_address(alice: TestApp, web: TestApp) -> None:
    # Given the address of Alice's feed, which somebody else got to know
    def address() -> str:
        link = alice.get("/account").html.find("a", string="this address")
        return path(str(link["href"]))

    old = address()
    web.get(old, status=200)
    # When she makes a new one
    forms = alice.get("/account").forms.values()
    page = next(form for form in forms if form.action == "/account/feed").submit(status=303).follow()
    page.mustcontain("Your feed has a new address")
    # Then only that one is good for anything
    assert address() != old
    web.get(address(), status=200)
    web.get(old, status=410)
