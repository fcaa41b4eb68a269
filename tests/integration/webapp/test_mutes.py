"""Muting what a page tells of, seeing all that is muted, and lifting it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from webtest import TestApp, TestResponse

from fmn.filters import mutes
from fmn.filters.models import Mute, MuteKind
from fmn.filters.mutes import mute
from fmn.infra.clock import utc_now
from fmn.people.models import User
from fmn.wiring import Services
from tests.factories.statements import statements_on
from tests.integration.webapp.pages import outline
from tests.integration.webapp.world import World


def press(page: TestResponse, what: str, span: str) -> TestResponse:
    """Press the button that mutes something on the page that says why."""
    (form,) = (form for form in page.forms.values() if "kind" in form.fields and form["kind"].value == what)
    return form.submit("span", value=span).follow()


def all_mutes(services: Services) -> list[Mute]:
    with services.database.reading() as session:
        return list(session.scalars(select(Mute).order_by(Mute.id)))


class TestMuting:
    def test_counts_for_the_very_next_message(self, alice: TestApp, world: World, services: Services) -> None:
        page = alice.get(world.why)
        outline(page)
        page.mustcontain("“Comment on an update” from Bodhi", "The package rpms/moss",
                         "The thread bodhi.fedoraproject.org/updates/FEDORA-2026-3f0c2a51d7")

        page = press(page, "package", "week")
        outline(page)
        page.mustcontain("Muted for a week: the package rpms/moss", "ends ", "Unmute")
        (muted,) = all_mutes(services)
        assert muted.until is not None
        assert muted.until - muted.created_at == timedelta(weeks=1)
        world.receive_comment()
        assert world.notifications == 1

        # and can be taken back on the same page
        (form,) = (form for form in page.forms.values() if form.action.endswith("/lift"))
        page = form.submit().follow()
        page.mustcontain("Unmuted.", "Why you got this", no=[">Unmute<"])
        world.receive_comment()
        assert world.notifications == 2

    def test_lasts_for_ever_if_one_says_so(self, alice: TestApp, world: World, services: Services) -> None:
        where = world.why
        for what in ("event", "thread"):
            press(alice.get(where), what, "ever").mustcontain("Muted forever: ")
        assert [(each.kind, each.until) for each in all_mutes(services)] == [
            ("event", None), ("thread", None)]

    def test_is_offered_after_signing_in(self, web: TestApp, world: World) -> None:
        # Given somebody who isn't signed in
        page = web.get(world.why)
        page.mustcontain(no=['/mute"', "Edit this filter"])
        # When they sign in where the page says so, then they're back, and may
        form = page.click("Sign in", href="to=").forms[0]
        form["nick"] = "alice"
        form.submit().follow().mustcontain("Why you got this", '/mute"', "Edit this filter")

    def test_is_not_offered_to_others_who_know_the_link(
        self, alice: TestApp, mallory: TestApp, world: World, services: Services,
    ) -> None:
        where = world.why
        page = mallory.get(where)
        page.mustcontain("Why you got this", "Stop this filter", no=['/mute"', "Edit this filter"])

        # And when Mallory posts what Alice's page would, then it isn't there
        alices = alice.get(where).forms
        (form,) = (f for f in alices.values() if "kind" in f.fields and f["kind"].value == "package")
        mallory.post(form.action, {
            "csrf_token": mallory.cookies["csrf_token"], "kind": "package", "value": form["value"].value,
            "span": "ever"}, status=404)
        assert all_mutes(services) == []

    def test_takes_only_what_the_message_is_about(
        self, alice: TestApp, world: World, services: Services,
    ) -> None:
        where = world.why
        token = alice.get(where).forms[0]["csrf_token"].value
        good = {"csrf_token": token, "kind": "package", "value": "rpms/moss", "span": "week"}
        for wrong in ({"value": "rpms/kernel"}, {"value": ""}, {"kind": "person"}, {"span": "year"}):
            outline(alice.post(f"{where}/mute", {**good, **wrong}, status=400))
        alice.post("/why/1.forged/mute", good, status=404)
        assert all_mutes(services) == []

    def test_says_when_there_is_too_much(
        self, alice: TestApp, world: World, services: Services, monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(mutes, "MAX_MUTES", 0)
        press(alice.get(world.why), "event", "week").mustcontain("Lift some of them")
        assert all_mutes(services) == []


class TestThePage:
    def test_is_designed_for_when_nothing_is_muted(self, alice: TestApp) -> None:
        page = alice.get("/mutes")
        outline(page)
        page.mustcontain("No mutes", "open a notification in your inbox")

    def test_shows_all_that_is_muted_and_lifts_it(
        self, alice: TestApp, mallory: TestApp, world: World, services: Services,
    ) -> None:
        where = world.why
        for what, span in (("event", "week"), ("package", "ever"), ("thread", "ever")):
            press(alice.get(where), what, span)
        page = alice.get("/mutes")
        outline(page)
        page.mustcontain("“Comment on an update” from Bodhi", "Ends ", "The package rpms/moss", "Forever",
                         'href="https://bodhi.fedoraproject.org/updates/FEDORA-2026-3f0c2a51d7"')

        page.forms[0].submit().follow().mustcontain("Unmuted", no=["The thread"])
        page.forms[0].submit(status=404)
        mallory.get("/mutes").mustcontain("No mutes")
        assert [each.kind for each in all_mutes(services)] == ["event", "package"]

    def test_costs_as_many_statements_with_many_mutes_as_with_few(
        self, alice: TestApp, services: Services,
    ) -> None:
        costs = []
        for names in (["moss"], ["fern", "reed", "sedge"]):
            with services.database.transaction() as session:
                (me,) = session.scalars(select(User.id).where(User.nick == "alice"))
                for name in names:
                    mute(session, me, MuteKind.PACKAGE, name, utc_now() + timedelta(days=1), utc_now())
            with statements_on(services.database) as statements:
                alice.get("/mutes").mustcontain(*names)
            costs.append(len(statements))
        assert costs[0] == costs[1]

    def test_forgets_what_is_over(self, alice: TestApp, world: World, services: Services) -> None:
        press(alice.get(world.why), "event", "week")
        with services.database.transaction() as session:
            session.execute(update(Mute).values(until=Mute.created_at))
        alice.get("/mutes").mustcontain("No mutes")
