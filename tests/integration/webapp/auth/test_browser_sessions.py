"""Where somebody is signed in: listed on the account's page, and ended one by one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from webtest import TestApp

from fmn.administration.retention import delete_expired
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.people.browser_sessions import MAX_SESSIONS
from fmn.people.models import BrowserSession
from fmn.settings import HistorySettings
from fmn.wiring import Services
from tests.integration.webapp.oidc.flow import who
from tests.integration.webapp.pages import outline
from tests.integration.webapp.signing_in import new_browser, signed_in

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

PHONE = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
LAPTOP = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


def with_browser(services: Services, user_agent: str, nick: str = "alice") -> TestApp:
    """Somebody signs in with a browser that calls itself so."""
    return signed_in(services, nick, {"HTTP_USER_AGENT": user_agent})


def ends(page: TestApp, browser: str) -> str:
    """Where the button posts that signs out of this browser."""
    [row] = [li for li in page.html.select("ul.rows li") if li.h3.text == browser]
    return str(row.form["action"])


def post(browser: TestApp, where: str, **expected: int) -> TestApp:
    return browser.post(where, {"csrf_token": browser.cookies["csrf_token"]}, **expected)


def test_each_browser_is_listed_and_this_one_is_marked(services: Services) -> None:
    with_browser(services, PHONE)
    laptop = with_browser(services, LAPTOP)
    page = laptop.get("/account")
    outline(page)
    shown = {li.h3.text: "This browser" in li.text for li in page.html.select("ul.rows li")}
    assert shown == {"Firefox on Android": False, "Chrome on Linux": True}


def test_one_is_ended_with_the_next_request_and_the_others_go_on(services: Services) -> None:
    phone, laptop = with_browser(services, PHONE), with_browser(services, LAPTOP)
    answer = post(laptop, ends(laptop.get("/account"), "Firefox on Android"), status=303)
    answer.follow().mustcontain("Signed out Firefox on Android.")
    assert (who(phone), who(laptop)) == (None, "alice")


def test_ending_this_one_signs_out_here(services: Services) -> None:
    phone, laptop = with_browser(services, PHONE), with_browser(services, LAPTOP)
    answer = post(laptop, ends(laptop.get("/account"), "Chrome on Linux"), status=303)
    assert answer.location.endswith("/sign-out")
    assert (who(phone), who(laptop)) == ("alice", None)


def test_nobody_ends_somebody_elses(services: Services) -> None:
    phone, laptop = with_browser(services, PHONE), with_browser(services, LAPTOP)
    mallory = signed_in(services, "mallory")
    post(mallory, ends(laptop.get("/account"), "Firefox on Android"), status=404)
    assert who(phone) == "alice"


def test_a_cookie_that_was_kept_is_worth_nothing_after_signing_out(services: Services) -> None:
    browser = signed_in(services, "alice")
    kept = browser.cookies["fmn"]
    post(browser, "/sign-out", status=303)
    assert who(new_browser(services, {"HTTP_COOKIE": f"fmn={kept}"})) is None


def test_signing_out_everywhere_ends_all(services: Services, database: Database) -> None:
    phone, laptop = with_browser(services, PHONE), with_browser(services, LAPTOP)
    post(laptop, "/account/sessions", status=303)
    assert (who(phone), who(laptop)) == (None, None)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(BrowserSession)) == 0


def test_nobody_has_more_than_can_be_overseen(services: Services, database: Database) -> None:
    first = signed_in(services, "alice")
    others = [signed_in(services, "alice") for _ in range(MAX_SESSIONS)]
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(BrowserSession)) == MAX_SESSIONS
    assert who(first) is None
    assert who(others[0]) == who(others[-1]) == "alice"


def test_a_visit_is_noted_to_the_hour(services: Services, database: Database) -> None:
    browser = signed_in(services, "alice")
    before = utc_now() - timedelta(hours=3)
    with database.transaction() as session:
        session.execute(update(BrowserSession).values(last_seen_at=before))
    assert who(browser) == "alice"
    with database.reading() as session:
        seen = session.scalars(select(BrowserSession.last_seen_at)).one()
    assert seen > before + timedelta(hours=2)
    assert who(browser) == "alice"
    with database.reading() as session:
        assert session.scalars(select(BrowserSession.last_seen_at)).one() == seen


def test_what_is_over_is_deleted(services: Services, database: Database) -> None:
    signed_in(services, "alice")
    delete_expired(database, HistorySettings(), utc_now())
    with database.reading() as session:
        assert session.scalars(select(BrowserSession.id)).one()
    delete_expired(database, HistorySettings(), utc_now() + timedelta(days=91))
    with database.reading() as session:
        assert session.scalars(select(BrowserSession.id)).all() == []
