"""The page of a context: each form saves by itself and says so."""

from __future__ import annotations

from datetime import time
from typing import Any

from sqlalchemy import update
from webtest import Form, TestApp, TestResponse

from fmn.people.models import Preference, User
from fmn.wiring import Services
from tests.integration.webapp.pages import outline
from tests.integration.webapp.world import World

PAGE = "/preferences/email"
#: What somebody may type that can't be, and what is said of it.
IMPOSSIBLE = (
    ({"mode": "digest", "digest_count": "", "digest_seconds": ""},
     "Enter a number of notifications, a time, or both."),
    ({"mode": "digest", "digest_count": "1"}, "A digest can have from 2 to 1,000 messages."),
    ({"mode": "digest", "digest_count": "five"}, "Enter a whole number."),
    ({"mode": "digest", "digest_seconds": "8", "unit": "86400"}, "a minute at least and a week at most"),
    ({"mode": "clock", "clock_times": ""}, "Enter at least one time of day."),
    ({"mode": "clock", "clock_times": "8"}, "“8” isn’t a time of day. Write one such as 08:00."),
    ({"mode": "clock", "clock_times": "<script>"}, "“&lt;script&gt;” isn’t a time of day."),
)
#: What no form of ours sends.
FORGED = (
    {"mode": "never"}, {"mode": "digest", "unit": "7"}, {"version": ""}, {"version": "x"},
    {"mode": "clock", "clock_days": "9"}, {"mode": "digest", "digest_count": "9" * 5_000},
)


def form_of(page: TestResponse, what: str) -> Form:
    """The form that posts to this part of the page."""
    (form,) = (each for each in page.forms.values() if each.action.endswith(f"/{what}"))
    return form


def saved(world: World) -> Preference:
    with world.services.database.reading() as session:
        return session.get_one(Preference, world.preference_id)


def fill(form: Form, **values: Any) -> Form:
    """The form, filled in; its boxes are ticked with ``True``."""
    for name, value in values.items():
        form[name] = value
    return form


def choose_days(form: Form, *days: int) -> None:
    for number, box in enumerate(form.fields["clock_days"]):
        box.checked = number in days


def test_shows_all_that_is_set(alice: TestApp, world: World) -> None:
    with world.services.database.transaction() as session:
        session.execute(update(User).values(time_zone="Europe/Prague"))
        session.execute(update(Preference).values(
            digest_seconds=14_400, digest_count=20, quiet_from=time(22), quiet_until=time(7),
            long_text=False))
    page = alice.get(PAGE)
    outline(page)
    page.mustcontain(
        "We send matching notifications in a digest every 4 hours or 20 notifications.",
        "no notifications from 22:00 to 07:00, except urgent ones", "summary, reason and links, HTML",
        "alice@example.org", "Europe/Prague")
    frequency = form_of(page, "frequency")
    assert [frequency[name].value for name in ("mode", "digest_count", "digest_seconds", "unit")] == [
        "digest", "20", "4", "3600"]


def test_of_what_is_no_context_here_there_is_no_page(
    alice: TestApp, services: Services, world: World,
) -> None:
    with services.database.transaction() as session:
        owner = session.get_one(Preference, world.preference_id).user_id
        session.add(Preference(user_id=owner, context="pigeon"))
    for context in ("pigeon", "carrier", "%00"):
        outline(alice.get(f"/preferences/{context}", status=404))


class TestSwitching:
    def test_counts_for_the_next_message(self, alice: TestApp, world: World) -> None:
        page = form_of(alice.get(PAGE), "email/switch").submit(status=303).follow()
        page.mustcontain("E-mail is off. We send nothing more, starting with the next message.",
                         "Switch e-mail on")
        world.receive_comment()
        assert world.notifications == 0
        page = form_of(page, "email/switch").submit(status=303).follow()
        page.mustcontain("E-mail is on. It starts with the next message.")
        world.receive_comment()
        assert world.notifications == 1

    def test_twice_is_once_whatever_the_page_showed(self, alice: TestApp, world: World) -> None:
        form = form_of(alice.get(PAGE), "email/switch")
        form.submit(status=303)
        form.submit(status=303)
        assert world.on == (False, True)


class TestHowOften:
    def test_in_a_digest(self, alice: TestApp, world: World) -> None:
        form = fill(form_of(alice.get(PAGE), "frequency"),
                    mode="digest", digest_count="20", digest_seconds="90", unit="60")
        form.submit(status=303).follow().mustcontain(
            "Saved: in a digest every 90 minutes or 20 notifications.")
        kept = saved(world)
        assert (kept.digest_count, kept.digest_seconds, kept.clock_times) == (20, 5_400, [])

    def test_by_the_clock(self, alice: TestApp, world: World) -> None:
        form = fill(form_of(alice.get(PAGE), "frequency"), mode="clock", clock_times="17:30, 8:00")
        choose_days(form, 0, 1, 2, 3, 4)
        form.submit(status=303).follow().mustcontain("Saved: in a digest at 08:00 and 17:30 on weekdays.")
        kept = saved(world)
        assert (kept.clock_times, kept.clock_days) == (["08:00", "17:30"], [0, 1, 2, 3, 4])
        assert (kept.digest_count, kept.digest_seconds) == (None, None)

    def test_at_once_whatever_stands_in_the_other_fields(self, alice: TestApp, world: World) -> None:
        with world.services.database.transaction() as session:
            session.execute(update(Preference).values(digest_count=5))
        form = fill(form_of(alice.get(PAGE), "frequency"),
                    mode="once", digest_count="many", clock_times="tomorrow")
        form.submit(status=303).follow().mustcontain("Saved: immediately.")
        assert saved(world).digest_count is None

    def test_comes_back_as_it_was_typed_if_it_can_not_be(self, alice: TestApp, world: World) -> None:
        version = str(saved(world).version)
        for typed, sentence in IMPOSSIBLE:
            form = fill(form_of(alice.get(PAGE), "frequency"), **typed)
            page = form.submit(status=422)
            outline(page)
            page.mustcontain(sentence, "Your changes weren’t saved")
            again = form_of(page, "frequency")
            assert {name: again[name].value for name in typed} == typed
            assert again["version"].value == version
        assert str(saved(world).version) == version

    def test_by_the_clock_needs_a_day(self, alice: TestApp, world: World) -> None:
        form = fill(form_of(alice.get(PAGE), "frequency"), mode="clock")
        choose_days(form)
        form.submit(status=422).mustcontain("Choose at least one day.")

    def test_of_which_no_form_of_ours_was_filled_in_is_refused(self, alice: TestApp, world: World) -> None:
        token = alice.get(PAGE).forms[0]["csrf_token"].value
        for forged in FORGED:
            fields = {"csrf_token": token, "version": "1", "mode": "once", "clock_times": "08:00", **forged}
            outline(alice.post(f"{PAGE}/frequency", fields, status=422))
        assert saved(world).clock_times == []


class TestTwoWindows:
    def test_the_second_sees_what_the_first_saved_and_may_save_again(
        self, alice: TestApp, world: World,
    ) -> None:
        # Given two windows with the same page
        first, second = (form_of(alice.get(PAGE), "frequency") for _ in range(2))
        fill(first, mode="digest", digest_count="20", digest_seconds="").submit(status=303)
        # When the second one saves something else
        page = fill(second, mode="digest", digest_count="50", digest_seconds="").submit(status=409)
        # Then it shows both, and nothing is overwritten yet
        outline(page)
        page.mustcontain("maybe in another window", "in a digest every 20 notifications")
        assert saved(world).digest_count == 20
        # Until it's saved once more
        again = form_of(page, "frequency")
        assert again["digest_count"].value == "50"
        again.submit(status=303)
        assert saved(world).digest_count == 50

    def test_every_form_minds_it(self, alice: TestApp, world: World) -> None:
        page = alice.get(PAGE)
        form_of(page, "email/switch").submit(status=303)
        for what in ("frequency", "quiet", "presentation"):
            outline(form_of(page, what).submit(status=409))


class TestQuietHours:
    def test_are_saved(self, alice: TestApp, world: World) -> None:
        form = fill(form_of(alice.get(PAGE), "quiet"),
                    quiet_from="22:00", quiet_until="07:30", quiet_lets_severe=False)
        page = form.submit(status=303).follow()
        page.mustcontain("Saved: no notifications from 22:00 to 07:30.")
        kept = saved(world)
        assert (kept.quiet_from, kept.quiet_until, kept.quiet_lets_severe) == (time(22), time(7, 30), False)
        # And taken back
        form = fill(form_of(page, "quiet"), quiet_from="", quiet_until="")
        form.submit(status=303).follow().mustcontain("Saved: no quiet hours.")
        assert saved(world).quiet_from is None

    def test_that_can_not_be_come_back(self, alice: TestApp, world: World) -> None:
        for start, end, sentence in (
            ("22:00", "", "Say from when until when"),
            ("07:00", "07:00", "These quiet hours would never end"),
            ("late", "07:00", "Enter a time of day, for example 08:00"),
        ):
            form = fill(form_of(alice.get(PAGE), "quiet"), quiet_from=start, quiet_until=end)
            page = form.submit(status=422)
            outline(page)
            page.mustcontain(sentence)
            assert form_of(page, "quiet")["quiet_from"].value == start


def test_looks_are_saved(alice: TestApp, world: World) -> None:
    form = fill(form_of(alice.get(PAGE), "presentation"),
                long_text=False, trigger_links=False, short_links=True, markup=False, mime_digest=True)
    form.submit(status=303).follow().mustcontain(
        "Saved: summary, short links, plain text, MIME digests.")
    kept = saved(world)
    assert (kept.long_text, kept.trigger_links, kept.short_links, kept.markup, kept.mime_digest) == (
        False, False, True, False, True)
