"""Stopping what a mail came from: the link in it, and mail programs' own button."""

from __future__ import annotations

import pytest
from sqlalchemy import delete
from webtest import TestApp

from fmn.filters.editing import remove_filter
from fmn.filters.models import Filter
from fmn.infra.db import Database
from fmn.people.change_log import current_revision
from fmn.people.models import Preference, User
from fmn.wiring import Services
from tests.factories.people import make_person
from tests.integration.webapp.pages import outline
from tests.integration.webapp.world import World, path

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def revision(database: Database) -> int:
    with database.transaction() as session:
        return current_revision(session)


class TestOpeningTheLink:
    def test_says_what_it_would_stop_and_changes_nothing(
        self, web: TestApp, world: World, services: Services,
    ) -> None:
        before = revision(services.database)
        for where, words in (
            (world.stop_filter, "Stop “My packages”?"), (world.stop_all, "Stop all notifications by e-mail?"),
        ):
            page = web.get(where)
            outline(page)
            page.mustcontain(words, "Nothing has changed yet", "alice")
            web.head(where)
        assert world.on == (True, True)
        assert revision(services.database) == before

    def test_says_when_there_is_nothing_left_to_stop(
        self, web: TestApp, world: World, services: Services,
    ) -> None:
        with services.database.transaction() as session:
            remove_filter(session, world.filter_id)
        page = web.get(world.stop_filter, status=410)
        outline(page)
        page.mustcontain("This link no longer applies")

        # What stops everything works on, until the account is deleted
        web.get(world.stop_all)
        with services.database.transaction() as session:
            session.execute(delete(Preference))
            session.execute(delete(User))
        web.get(world.stop_all, status=410).mustcontain("This link no longer applies")


class TestTheButton:
    def test_stops_the_filter_for_the_very_next_message(self, web: TestApp, world: World) -> None:
        # Given a filter that lets messages through
        world.receive_comment()
        assert world.notifications == 1

        # When its owner stops it
        page = web.get(world.stop_filter).form.submit("action")

        # Then the page says so, and the next message reaches nobody
        outline(page)
        page.mustcontain("“My packages” is stopped", "Undo")
        world.receive_comment()
        assert world.notifications == 1
        assert world.on == (True, False)

    def test_stops_everything_of_the_channel(self, web: TestApp, world: World) -> None:
        page = web.get(world.stop_all).form.submit("action")

        outline(page)
        page.mustcontain("Notifications by e-mail are stopped", "Undo")
        world.receive_comment()
        assert (world.notifications, world.on) == (0, (False, True))

    def test_can_be_taken_back(self, web: TestApp, world: World) -> None:
        for where, back in (
            (world.stop_filter, "“My packages” is on again"),
            (world.stop_all, "Notifications by e-mail are on again"),
        ):
            stopped = web.get(where).form.submit("action")
            page = stopped.form.submit("action")
            outline(page)
            page.mustcontain(back, "starting with the next message")
            assert world.on == (True, True)
        world.receive_comment()
        assert world.notifications == 1

    def test_does_no_harm_when_pressed_twice(
        self, web: TestApp, world: World, services: Services,
    ) -> None:
        for where, stopped in (
            (world.stop_filter, "“My packages” is stopped"),
            (world.stop_all, "Notifications by e-mail are stopped"),
        ):
            form = web.get(where).form
            form.submit("action")
            once = revision(services.database)
            form.submit("action").mustcontain(stopped)
            assert revision(services.database) == once
        web.get(world.stop_filter).mustcontain("“My packages” is switched off", "Switch on again")

    def test_says_that_a_filter_of_a_channel_that_is_off_sends_nothing(
        self, web: TestApp, world: World,
    ) -> None:
        web.get(world.stop_all).form.submit("action")
        page = web.get(world.stop_filter)
        outline(page)
        page.mustcontain("Notifications by e-mail are switched off, so this filter sends nothing")
        page.form.submit("action").form.submit("action").mustcontain(
            "Notifications by e-mail are switched off, so we send nothing yet")

    def test_takes_no_form_that_does_not_say_what_to_do(self, web: TestApp, world: World) -> None:
        for form in ({}, {"action": "delete"}, {"List-Unsubscribe": "Two-Clicks"}):
            page = web.post(world.stop_filter, form, status=400)
            outline(page)
        assert world.on == (True, True)


class TestOneClick:
    """RFC 8058: a mail program posts to the link of ``List-Unsubscribe``, with neither login nor cookie."""

    @pytest.mark.parametrize("multipart", [False, True])
    def test_stops_it_and_answers_in_short(self, web: TestApp, world: World, multipart: bool) -> None:
        how = {"content_type": "multipart/form-data"} if multipart else {}
        answer = web.post(world.stop_filter, ONE_CLICK, **how)

        assert (answer.status_int, answer.content_type, answer.text) == (200, "text/plain", "Unsubscribed.\n")
        assert world.on == (True, False)
        world.receive_comment()
        assert world.notifications == 0

    def test_does_no_harm_twice_or_when_nothing_is_left(
        self, web: TestApp, world: World, services: Services,
    ) -> None:
        web.post(world.stop_filter, ONE_CLICK)
        web.post(world.stop_filter, ONE_CLICK)
        with services.database.transaction() as session:
            remove_filter(session, world.filter_id)
        assert web.post(world.stop_filter, ONE_CLICK).text == "Unsubscribed.\n"


class TestMallory:
    @pytest.mark.parametrize("token", ["1", "1-1", "1.forged", "1-1.forged", "2.", "9" * 50])
    def test_can_neither_read_nor_stop_anything(self, web: TestApp, world: World, token: str) -> None:
        for form in (ONE_CLICK, {"action": "stop"}, {"action": "resume"}):
            web.post(f"/unsubscribe/{token}", form, status=404)
        page = web.get(f"/unsubscribe/{token}", status=404)
        outline(page)
        page.mustcontain("This link isn&#39;t complete", no=["alice", "My packages"])
        assert world.on == (True, True)

    def test_stops_nothing_of_others_with_her_own_link(
        self, web: TestApp, world: World, services: Services,
    ) -> None:
        mallory = make_person(services.database, "mallory")
        hers = world.named(Preference, mallory.preference_id)
        own = path(services.links.unsubscribe(hers, world.named(Filter, mallory.filter_ids[0])))
        # Given her token with another filter or preference in it, and one that was made for another page
        _, _, signature = own.partition(".")
        elsewhere = world.why.rpartition("/")[2]
        preference = world.named(Preference, world.preference_id)
        chosen = world.named(Filter, world.filter_id)
        for token in (f"{preference}-{chosen}.{signature}", f"{preference}.{signature}", elsewhere):
            web.post(f"/unsubscribe/{token}", ONE_CLICK, status=404)

        # And her preference with Alice's filter, which we would never sign
        mixed = path(services.links.unsubscribe(hers, chosen))
        web.post(mixed, {"action": "stop"}, status=410)
        assert world.on == (True, True)
