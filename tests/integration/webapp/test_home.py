"""The first page: what FMN is, and for whoever is signed in how everything stands."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any

from webtest import TestApp

from fmn.filters.editing import add_filter
from fmn.filters.expressions import Rule
from fmn.filters.models import Filter
from fmn.filters.spec import FilterSpec
from fmn.infra.clock import utc_now
from fmn.ledger.models import Delivery, DeliveryState
from fmn.people.addresses import disable_address
from fmn.people.models import DetailValue, Preference
from fmn.settings import DeliverySettings
from fmn.wiring import Services
from tests.factories.statements import statements_on
from tests.integration.webapp.pages import outline
from tests.integration.webapp.signing_in import signed_in
from tests.integration.webapp.world import NAME, World


def change(world: World, what: Callable[[Any, Preference], None]) -> None:
    """Change something about Alice's preference."""
    with world.services.database.transaction() as session:
        what(session, session.get_one(Preference, world.preference_id))


class TestForEverybody:
    def test_says_what_fmn_is_and_how_to_get_help(self, web: TestApp) -> None:
        page = web.get("/")
        outline(page)
        page.mustcontain("Only the notifications you want", "You get too many notifications",
                         "Contact your FMN administrator")
        assert "Sign in" in page.html.main.text

    def test_links_to_nothing_that_is_not_there(self, web: TestApp) -> None:
        for attributes in outline(web.get("/")).all("a"):
            if (where := attributes["href"]) and not where.startswith("#"):
                web.get(where)


class TestForAlice:
    def test_shows_where_to_when_what_and_how_much(self, alice: TestApp, world: World) -> None:
        world.receive_comment()

        page = alice.get("/")

        outline(page)
        page.mustcontain(
            "E-mail", "alice@example.org", "confirmed", "immediately", "1 filter", "about 1 a day",
            "1 in the last 14 days", "Switch e-mail off", no=["Get started", "notice"])
        assert len(page.html.select("figure.chart rect.period")) == 14
        assert len(page.html.select("figure.chart tbody tr")) == 14
        # Small pictures, too, open their figures, the latest first
        days = page.html.select(".spark-figures tbody tr")
        assert [row.select("td")[1].text for row in days] == ["1", *["0"] * 13]

    def test_shows_what_waits_for_the_next_digest(self, alice: TestApp, world: World) -> None:
        change(world, lambda _session, preference: setattr(preference, "digest_count", 20))
        world.receive_comment()

        alice.get("/").mustcontain(
            "in a digest every 20 notifications", "1 notification for the next digest",
            "which is sent as soon as it’s full")

    def test_keeps_channels_that_are_not_in_use_to_a_line_each(
        self, services: Services, world: World,
    ) -> None:
        # Given that Alice uses e-mail alone, though there is IRC, too
        with_irc = Services(services.settings.model_copy(
            update={"delivery": DeliverySettings(channels=("email", "irc"))}))
        with closing(with_irc.database):
            alice = signed_in(with_irc, "alice")
            page = alice.get("/")
            irc = page.click("Set up IRC")

        assert [each.text.strip() for each in page.html.select(".channels h2 a")] == ["E-mail"]
        other, = page.html.select("section[aria-labelledby=unused] li")
        assert "IRC" in other.text
        irc.mustcontain("IRC", "Off")

    def test_says_what_is_wrong_and_the_button_beside_it_mends_it(
        self, alice: TestApp, world: World,
    ) -> None:
        # Given Alice's channel off, without a filter that is on, and an address that she didn't confirm
        def spoil(session: Any, preference: Preference) -> None:
            preference.enabled = False
            (address,) = preference.detail_values
            address.confirmed_at = None
            session.get_one(Filter, world.filter_id).enabled = False

        change(world, spoil)

        # When she switches it on there
        page = alice.get("/")
        page.mustcontain("is off. Switch it on", no="isn’t confirmed")
        page = page.forms[1].submit(status=303).follow()

        # Then she's back, and sees what else is wrong
        assert page.request.path == "/"
        page.mustcontain("alice@example.org isn’t confirmed", "Your only filter is off")
        page = page.forms[2].submit(status=303).follow()
        page.mustcontain("We’ve sent a link to alice@example.org", "Confirm your address")

    def test_says_what_could_not_be_delivered_and_what_was_stopped(
        self, alice: TestApp, world: World,
    ) -> None:
        def spoil(session: Any, preference: Preference) -> None:
            stopped = session.get_one(Filter, world.filter_id)
            stopped.enabled, stopped.stop_reason = False, "It sent <b>9,000</b> mails."
            session.add(Delivery(
                key="single:1", kind="single", context="email", preference_id=preference.id,
                destination="alice@example.org", state=DeliveryState.FAILED, reason="550 no such mailbox"))

        change(world, spoil)

        page = alice.get("/")

        outline(page)
        page.mustcontain(
            "550 no such mailbox", f"stopped your filter “{NAME}”: It sent &lt;b&gt;9,000&lt;/b&gt; mails.",
            f"/filters/{world.filter_id}")

    def test_says_as_long_as_an_address_is_off_that_it_is_and_how_it_comes_back(
        self, alice: TestApp, world: World,
    ) -> None:
        # Given an address of Alice's that turned out not to work
        def switch_it_off(session: Any, preference: Preference) -> None:
            (address,) = preference.detail_values
            disable_address(session, address, "550 5.1.1 No <b>such</b> user", utc_now())

        change(world, switch_it_off)

        page = alice.get("/")

        outline(page)
        page.mustcontain(
            "We stopped sending to alice@example.org today", "No &lt;b&gt;such&lt;/b&gt; user",
            "stopped")
        # When she has a new link sent, then that's what she's told of
        page = page.forms[2].submit(status=303).follow()
        page.mustcontain("We’ve sent a link to alice@example.org", "Confirm your address",
                         no="We stopped sending")

    def test_costs_the_same_however_much_there_is(
        self, alice: TestApp, world: World, services: Services,
    ) -> None:
        def count() -> int:
            with statements_on(services.database) as executed:
                alice.get("/")
            return sum(statement.startswith("SELECT") for statement in executed)

        few = count()

        def pile_up(session: Any, preference: Preference) -> None:
            for number in range(5):
                add_filter(session, preference, FilterSpec(
                    name=f"{number}", expression=Rule.of("actor", {"fasnick": f"tom{number}"})))
                session.add(DetailValue(preference_id=preference.id, value=f"alice{number}@example.org"))

        change(world, pile_up)
        for _ in range(5):
            world.receive_comment()

        assert count() == few <= 12


class TestForANewcomer:
    def test_leads_to_the_first_visit_and_shows_nothing_of_anybody_else(
        self, mallory: TestApp, world: World,
    ) -> None:
        world.receive_comment()

        page = mallory.get("/")

        outline(page)
        page.mustcontain("Get started", "/welcome", "Set up e-mail", no=["alice", NAME, "Other channels"])

    def test_does_so_until_there_are_filters(self, alice: TestApp) -> None:
        alice.get("/").mustcontain(no="Get started")


def test_a_days_border_is_where_the_reader_is(alice: TestApp, world: World) -> None:
    """Half an hour ago may be yesterday somewhere, and never tomorrow."""
    world.receive_comment()

    def move(_session: Any, preference: Preference) -> None:
        preference.user.time_zone = "Pacific/Kiritimati"

    change(world, move)

    today = (utc_now() + timedelta(hours=14)).date()
    first = today - timedelta(days=13)
    alice.get("/").mustcontain(f"{first.day} {first:%B}", "1 in the last 14 days")
