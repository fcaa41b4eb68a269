"""Pausing everything and going on, and the time zone that the browser has."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from webtest import TestApp

from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.people.models import User
from tests.integration.webapp.pages import outline
from tests.integration.webapp.world import World

TOKYO = ZoneInfo("Asia/Tokyo")


def user(database: Database, **changes: Any) -> User:
    with database.transaction() as session:
        found = session.scalars(select(User).where(User.nick == "alice")).one()
        for name, value in changes.items():
            setattr(found, name, value)
        return found


def pause(page: Any, span: str, day: str = "") -> Any:
    form = next(form for form in page.forms.values() if form.action == "/account/pause")
    form["day"] = day
    return form.submit("span", value=span, status=303).follow()


def paused_until(database: Database) -> datetime:
    until = user(database).paused_until
    assert until is not None
    return until


class TestAPause:
    def test_is_shown_on_every_page_and_ends_with_a_click(
        self, alice: TestApp, world: World, database: Database,
    ) -> None:
        # When Alice pauses everything for an hour
        page = pause(alice.get("/"), "hour")
        page.mustcontain("Paused until today at")
        assert timedelta(minutes=59) < paused_until(database) - utc_now() <= timedelta(hours=1)
        # Then each page says so, and nothing is sent
        page = alice.get("/mutes")
        outline(page)
        page.mustcontain("All your notifications are paused until")
        world.receive_comment()
        alice.get("/").mustcontain("1 notification for the next digest")
        # When she ends it there, she's back on the same page
        form = next(form for form in page.forms.values() if form.action == "/account/resume")
        page = form.submit(status=303).follow()
        assert page.request.path == "/mutes"
        page.mustcontain("Your notifications are on again", no="are paused until")
        # And once more does no harm
        alice.post("/account/resume", {"csrf_token": form["csrf_token"].value}, status=303)

    def test_lasts_until_the_morning_where_she_is(self, alice: TestApp, database: Database) -> None:
        user(database, time_zone="Asia/Tokyo")
        pause(alice.get("/"), "tomorrow")
        local = paused_until(database).astimezone(TOKYO)
        assert (local.hour, local.date()) == (8, utc_now().astimezone(TOKYO).date() + timedelta(days=1))

    def test_lasts_until_a_day(self, alice: TestApp, database: Database) -> None:
        day = utc_now().date() + timedelta(days=14)
        page = pause(alice.get("/"), "day", day.isoformat())
        assert paused_until(database).date() == day
        page.mustcontain(f'<time datetime="{day}T08:00:00+00:00"')

    @pytest.mark.parametrize(("span", "days", "words"), [
        ("day", None, "Choose the day"), ("day", -1, "in the future"), ("day", 200, "up to 90 days")])
    def test_that_makes_no_sense_is_refused(
        self, alice: TestApp, database: Database, span: str, days: int | None, words: str,
    ) -> None:
        day = "" if days is None else (utc_now() + timedelta(days=days)).date().isoformat()
        pause(alice.get("/"), span, day).mustcontain("Nothing was paused.", words, no="are paused until")
        assert user(database).paused_until is None


class TestTheTimeZone:
    def test_is_offered_until_one_is_chosen(self, alice: TestApp, database: Database) -> None:
        # Given a browser without scripts, nothing is offered; a script shows what is hidden
        page = alice.get("/mutes")
        outline(page)
        offer = page.html.find(id="zone-offer")
        assert "hidden" in offer.attrs
        page.mustcontain("/static/zone.js")
        # When Alice takes it, she's back on the same page
        page = alice.post(offer["data-action"], {
            "csrf_token": offer["data-token"], "time_zone": "Europe/Berlin", "to": "/mutes",
        }, status=303).follow()
        assert page.request.path == "/mutes"
        page.mustcontain("Your time zone is now Berlin.", no=["zone-offer", "zone.js"])
        assert user(database).time_zone == "Europe/Berlin"

    def test_stays_if_that_is_wanted(self, alice: TestApp, database: Database) -> None:
        form = alice.get("/account").forms[0]
        form.submit(status=303).follow().mustcontain(no="zone-offer")
        assert (user(database).time_zone, user(database).time_zone_chosen) == ("UTC", True)

    def test_is_not_offered_to_whoever_has_one_or_is_nobody(
        self, alice: TestApp, database: Database, web: TestApp,
    ) -> None:
        user(database, time_zone="Asia/Tokyo")
        alice.get("/").mustcontain(no="zone-offer")
        web.get("/").mustcontain(no=["zone-offer", "zone.js"])
