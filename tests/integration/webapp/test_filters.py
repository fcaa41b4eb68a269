"""The list of filters without scripts: each button does one thing and says so.

What the buttons do is tried on both databases in ``tests/integration/filters``; here SQLite is enough.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select, update
from webtest import Form, TestApp, TestResponse

from fmn.filters import locking
from fmn.filters.editing import add_filter, set_oneshot
from fmn.filters.expressions import All, Rule
from fmn.filters.models import Filter, StoredExpression
from fmn.filters.spec import FilterSpec
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.ledger.models import Notification
from fmn.people.change_log import current_revision
from fmn.people.models import Preference
from fmn.wiring import Services
from tests.factories.databases import tables_in
from tests.integration.webapp.pages import outline
from tests.integration.webapp.signing_in import signed_in
from tests.integration.webapp.world import NAME, World

LIST = "/preferences/email/filters"
OTHER = "Comments <b>"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
#: Days until which nothing can be snoozed, and what is said of them.
IMPOSSIBLE = (
    ("2020-02-02", "That moment is past: choose a later one."),
    ("2999-01-01", "That is more than a year away: switch the filter off instead."),
    ("soon", "Enter a date, for example 2026-03-14."),
    ("9999-12-31", "Enter a number less than"),
    ("<script>", "Enter a date, for example 2026-03-14."),
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database with all tables."""
    with tables_in(f"sqlite:///{tmp_path}/fmn.sqlite") as database:
        yield database


@pytest.fixture
def others(world: World) -> list[int]:
    """The ids of two more filters of Alice's."""
    with world.services.database.transaction() as session:
        preference = session.get_one(Preference, world.preference_id)
        return [add_filter(session, preference, FilterSpec(name=name, expression=Rule(rule))).id
                for name, rule in ((OTHER, "bodhi_update_comment"), ("Tags", "koji_tag"))]


def names(services: Services) -> list[str]:
    with services.database.reading() as session:
        return list(session.scalars(
            select(Filter.name).join(Preference).where(Preference.context == "email")
            .order_by(Filter.position)))


def one(services: Services, filter_id: int) -> Filter:
    with services.database.reading() as session:
        return session.get_one(Filter, filter_id)


def revision(services: Services) -> int:
    with services.database.reading() as session:
        return current_revision(session)


def button(page: TestResponse, words: str) -> Form:
    """The form of the button that says this, with what it's about."""
    outline(page)
    (form,) = (each for each in page.forms.values()
               if " ".join(each.html.form.button.get_text().split()) == words)
    return form


def press(form: Form) -> TestResponse:
    page = form.submit(status=303).follow()
    outline(page)
    return page


class TestTheList:
    def test_says_of_each_filter_what_it_asks_what_it_does_and_what_it_let_through(
        self, alice: TestApp, world: World, others: list[int], services: Services,
    ) -> None:
        # Given filters in all states, and messages of today and of a while ago
        for _ in range(3):
            world.receive_comment()
        with services.database.transaction() as session:
            session.execute(update(Notification).values(created_at=utc_now()))
            session.execute(update(Notification).where(
                Notification.id == select(Notification.id).limit(1).scalar_subquery(),
            ).values(created_at=utc_now() - timedelta(days=15)))
            set_oneshot(session, world.filter_id, oneshot=True)
            session.execute(update(Filter).where(Filter.id == others[0]).values(
                enabled=False, stop_reason="Too <much>."))
            session.execute(update(Filter).where(Filter.id == others[1]).values(
                enabled=False, snoozed_until=utc_now() + timedelta(days=40)))

        page = alice.get(LIST)
        outline(page)
        page.mustcontain(
            NAME, "About my packages, but not mentioning me or “Build tagged”", "Only once",
            "2 notifications</a> in the last 14 days", f"/inbox?filter={world.filter_id}",
            "Comments &lt;b&gt;", "“Comment on an update”",
            "Stopped by an administrator", "Too &lt;much&gt;.",
            "Snoozed until", "Unsnooze", "No notifications in the last 14 days", no=["Copy to"])
        (figures,) = page.html.select(".spark-figures")
        assert figures.select_one("tbody tr .number").text == "2"

    def test_offers_what_one_may_begin_with_where_there_is_nothing(
        self, mallory: TestApp, services: Services,
    ) -> None:
        page = mallory.get(LIST)
        page.mustcontain("No filters yet", "Create filter", "My name comes up",
                         "Use the default filters", no=[NAME])
        page = press(button(page, "Add My name comes up"))
        page.mustcontain("Added “My name comes up”", no=["No filters", "<h3>My name comes up</h3>"])
        assert names(services) == ["My name comes up"]

    def test_shows_a_filter_that_can_not_be_read(
        self, alice: TestApp, world: World, services: Services,
    ) -> None:
        with services.database.transaction() as session:
            session.execute(update(StoredExpression).values(body={"nothing": "known"}))
        page = alice.get(LIST)
        page.mustcontain("FMN can&#39;t read this filter any more")
        press(button(page, f"Delete {NAME}"))
        assert names(services) == []

    def test_costs_as_many_statements_however_long_it_is(
        self, alice: TestApp, world: World, services: Services,
    ) -> None:
        def statements() -> int:
            seen: list[str] = []

            def count(_c: object, _u: object, statement: str, *_more: object) -> None:
                seen.append(statement)

            event.listen(services.database.engine, "before_cursor_execute", count)
            alice.get(LIST)
            event.remove(services.database.engine, "before_cursor_execute", count)
            return len(seen)

        few = statements()
        with services.database.transaction() as session:
            preference = session.get_one(Preference, world.preference_id)
            for number in range(20):
                package = Rule.of("package_filter", {"package": f"{number}"})
                add_filter(session, preference, FilterSpec(name=f"{number}", expression=package))
        assert statements() == few


class TestAButton:
    def test_switches_and_what_it_says_is_true_of_the_next_message(
        self, alice: TestApp, world: World, services: Services,
    ) -> None:
        page = press(button(alice.get(LIST), f"Switch off {NAME}"))
        page.mustcontain(f"Switched “{NAME}” off.")
        world.receive_comment()
        assert world.notifications == 0

        page = press(button(page, f"Switch on {NAME}"))
        page.mustcontain(f"Switched “{NAME}” on.")
        world.receive_comment()
        assert world.notifications == 1

    def test_lets_it_fire_once_or_not(self, alice: TestApp, world: World, services: Services) -> None:
        page = press(button(alice.get(LIST), f"Switch off after one match {NAME}"))
        page.mustcontain("will switch itself off after one match", "It switches itself off after one match")
        world.receive_comment()
        page = alice.get(LIST)
        page.mustcontain("Off", "When switched on, it matches once")
        press(button(page, f"Keep on after a match {NAME}")).mustcontain("will stay on")
        assert not one(services, world.filter_id).oneshot

    def test_moves_it_and_pressed_twice_moves_it_once(
        self, alice: TestApp, others: list[int], services: Services,
    ) -> None:
        for name, words, order in (
            (NAME, "↓Move down", [OTHER, NAME, "Tags"]), ("Tags", "↑Move up", [OTHER, "Tags", NAME]),
        ):
            form = button(alice.get(LIST), f"{words} {name}")
            press(form).mustcontain(f"Moved “{name}” to position 2.")
            press(form)
            assert names(services) == order

    def test_deletes_it_and_brings_it_back(
        self, alice: TestApp, world: World, others: list[int], services: Services,
    ) -> None:
        form = button(alice.get(LIST), f"Delete {OTHER}")
        page = press(form)
        page.mustcontain("Deleted “Comments &lt;b&gt;”.")
        assert names(services) == [NAME, "Tags"]

        # And a second press says the same, and can be taken back as well
        before = revision(services)
        page = press(form)
        page.mustcontain("Deleted “Comments &lt;b&gt;”.")
        assert revision(services) == before
        undo = button(page, "Undo")
        press(undo).mustcontain("Restored “Comments &lt;b&gt;”.")
        assert names(services) == [NAME, OTHER, "Tags"]
        press(undo).mustcontain("This was already undone.")
        assert names(services) == [NAME, OTHER, "Tags"]

    def test_of_a_filter_that_was_deleted_elsewhere_says_so(
        self, alice: TestApp, world: World, services: Services,
    ) -> None:
        form = button(alice.get(LIST), f"Switch off {NAME}")
        press(button(alice.get(LIST), f"Delete {NAME}"))
        page = press(form)
        page.mustcontain(f"Deleted “{NAME}”.", "Undo")

    def test_says_nothing_about_anything_that_it_can_not_do(self, alice: TestApp, world: World) -> None:
        token = {"csrf_token": button(alice.get(LIST), f"Switch off {NAME}")["csrf_token"].value}
        for action in ("explode", "up", "delete/now"):
            alice.post(f"/filters/{world.filter_id}/{action}", token, status=404)
        for form in ({}, {"on": "maybe"}):
            alice.post(f"/filters/{world.filter_id}/switch", {**token, **form}, status=422)
        for position in ("", "-1", "x", "9" * 5_000):
            alice.post(f"/filters/{world.filter_id}/move", {**token, "position": position}, status=422)
        alice.post(f"/filters/{world.filter_id}/copy", {**token, "context": "pigeon"}, status=404)
        assert world.on == (True, True)


class TestASnooze:
    def test_ends_by_itself_or_by_hand(self, alice: TestApp, world: World, services: Services) -> None:
        page = alice.get(LIST)
        for span, least, most in (
            ("for an hour", 59 * MINUTE, 61 * MINUTE), ("until tomorrow", 0 * MINUTE, DAY),
            ("for a week", 7 * DAY - MINUTE, 7 * DAY + MINUTE),
            ("for a month", 30 * DAY - MINUTE, 30 * DAY + MINUTE),
        ):
            form = button(page, f"Snooze {NAME}")
            form["span"] = span
            page = press(form)
            page.mustcontain(f"Snoozed “{NAME}” until", "Snoozed until")
            until = one(services, world.filter_id).snoozed_until
            assert until is not None
            assert least <= until - utc_now() <= most

        press(button(page, f"Unsnooze {NAME}")).mustcontain("It starts with the next message")
        assert (world.on[1], one(services, world.filter_id).snoozed_until) == (True, None)

    def test_ends_with_the_night_before_a_day_in_my_time_zone(
        self, alice: TestApp, world: World, services: Services,
    ) -> None:
        with services.database.transaction() as session:
            session.get_one(Preference, world.preference_id).user.time_zone = "Asia/Tokyo"
        day = (utc_now() + timedelta(days=60)).date()
        form = button(alice.get(LIST), f"Snooze {NAME}")
        form["day"] = day.isoformat()
        press(form)
        until = one(services, world.filter_id).snoozed_until
        assert until is not None
        assert until.isoformat() == f"{day - timedelta(days=1)}T15:00:00+00:00"

    def test_that_can_not_be_comes_back_as_it_was_typed(self, alice: TestApp, world: World) -> None:
        form = button(alice.get(LIST), f"Snooze {NAME}")
        for day, sentence in IMPOSSIBLE:
            form["span"], form["day"] = "for a week", day
            page = form.submit(status=422)
            page.mustcontain(sentence)
            form = button(page, f"Snooze {NAME}")
            assert (form["span"].value, form["day"].value) == ("for a week", day)
        assert world.on == (True, True)


class TestAllOfThem:
    def test_are_deleted_and_brought_back(
        self, alice: TestApp, others: list[int], services: Services,
    ) -> None:
        form = button(alice.get(LIST), "Delete all 3 filters")
        page = press(form)
        page.mustcontain("Deleted all filters. We send nothing more by e-mail.", "No filters")
        undo = button(page, "Undo")
        press(form).mustcontain("There are no filters left to delete.")
        page = press(undo)
        page.mustcontain(f"Restored 3 filters: “{NAME}”, “Comments &lt;b&gt;” and “Tags”.")
        assert names(services) == [NAME, OTHER, "Tags"]

    def test_give_way_to_the_defaults_and_come_back(
        self, alice: TestApp, world: World, services: Services,
    ) -> None:
        form = button(alice.get(LIST), "Reset to defaults")
        page = press(form)
        page.mustcontain("Replaced your filters with the default filters.")
        assert names(services)[0] == "Events on packages that I own"
        undo = button(page, "Undo")
        press(form).mustcontain("You already have the default filters.")
        press(undo).mustcontain(f"Restored “{NAME}”.")
        assert names(services) == [NAME]

    def test_get_one_more_once(self, alice: TestApp, world: World, services: Services) -> None:
        form = button(alice.get(LIST), "Add Bugs in my packages")
        press(form)
        press(form).mustcontain("You already have “Bugs in my packages”.")
        assert names(services) == [NAME, "Bugs in my packages"]

    def test_get_none_for_which_there_is_no_room_or_that_there_is_not(
        self, alice: TestApp, world: World, services: Services, monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        form = button(alice.get(LIST), "Add Bugs in my packages")
        undo = button(press(button(alice.get(LIST), f"Delete {NAME}")), "Undo")
        monkeypatch.setattr(locking, "MAX_FILTERS", 0)
        press(form).mustcontain("There can be 0 filters at most")
        press(undo).mustcontain("There can be 0 filters at most")
        form["preset"].force_value("nothing")
        press(form).mustcontain("This ready-made filter no longer exists")
        form["action"].force_value("burn")
        press(form).mustcontain("Choose one of the options")
        assert names(services) == []


def test_a_filter_whose_rule_is_gone_is_kept_and_says_so(services: Services) -> None:
    World.of(services, All((Rule("garden_plant_sick"), Rule("koji_tag"))), "Plants")
    page = signed_in(services, "alice").get("/preferences/email")
    page.mustcontain(
        "Plants", "Matches nothing", "The rule “garden_plant_sick” doesn’t exist any more. Edit this filter")
