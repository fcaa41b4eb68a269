"""Adding, confirming, trying and removing addresses on the page of a context."""

from __future__ import annotations

from sqlalchemy import select, update
from webtest import TestApp, TestResponse

from fmn.infra.clock import utc_now
from fmn.ledger.models import Delivery, DeliveryKind, DeliveryState
from fmn.people.addresses import ADDRESS_TAKEN
from fmn.people.models import Confirmation, DetailValue, User
from fmn.wiring import Services
from tests.factories.people import make_person
from tests.integration.webapp.pages import outline
from tests.integration.webapp.test_preferences import PAGE, form_of
from tests.integration.webapp.world import World, path


def add(browser: TestApp, address: str, status: int = 303) -> TestResponse:
    form = form_of(browser.get(PAGE), "addresses")
    form["address"] = address
    return form.submit(status=status)


def press(page: TestResponse, address_id: int, action: str) -> TestResponse:
    """Press one of the buttons beside an address."""
    return form_of(page, f"{address_id}/{action}").submit(status=303).follow()


def address_ids(services: Services) -> dict[str, int]:
    with services.database.reading() as session:
        return {each.value: each.id for each in session.scalars(select(DetailValue))}


def letters(services: Services) -> list[tuple[str, str]]:
    with services.database.reading() as session:
        return [(each.kind, each.destination) for each in session.scalars(
            select(Delivery).where(Delivery.system_message.is_not(None)).order_by(Delivery.id))]


def link(services: Services) -> str:
    """The path of the newest link that confirms an address."""
    with services.database.reading() as session:
        newest = session.scalars(select(Confirmation).order_by(Confirmation.id.desc())).first()
    assert newest is not None
    return path(services.links.confirm(newest.public_id))


def expire(services: Services) -> None:
    with services.database.transaction() as session:
        session.execute(update(Confirmation).values(expires_at=utc_now()))


class TestAnAddress:
    def test_is_added_confirmed_elsewhere_tried_and_removed(
        self, alice: TestApp, web: TestApp, services: Services,
    ) -> None:
        # Given an address that Alice adds
        page = add(alice, "ali@example.net").follow()
        outline(page)
        page.mustcontain("a link to ali@example.net", "Pending", "It expires")
        assert letters(services) == [(DeliveryKind.CONFIRMATION, "ali@example.net")]

        # When she opens the link in a browser in which she isn't signed in, that changes nothing yet
        asking = web.get(link(services))
        outline(asking)
        asking.mustcontain("Is ali@example.net yours?", "alice", "Nothing has changed yet")
        web.head(link(services))
        alice.get(PAGE).mustcontain("Pending")

        # Then its button confirms it, and the link says so from then on, to whatever opens or presses it
        for _ in range(2):
            done = asking.form.submit("action", status=303).follow()
            outline(done)
            done.mustcontain("ali@example.net is confirmed", "starting with the next message")
        page = alice.get(PAGE)
        assert page.text.count("Confirmed</span>") == 2

        # And it can be tried, and removed
        address = address_ids(services)["ali@example.net"]
        press(page, address, "test").mustcontain("Sent a test notification to ali@example.net.")
        assert letters(services)[-1] == (DeliveryKind.TEST, "ali@example.net")
        press(page, address, "remove").mustcontain("Removed ali@example.net")
        assert list(address_ids(services)) == ["alice@example.org"]
        web.get(link(services), status=410).mustcontain("This address was removed")

        # And be added and confirmed again
        add(alice, "ali@example.net")
        web.get(link(services)).form.submit("action", status=303).follow().mustcontain("is confirmed")

    def test_that_can_not_be_added_comes_back(self, alice: TestApp, services: Services) -> None:
        make_person(services.database, "bob")
        for typed, sentence in (
            ("ali@", "“ali@” has a domain that can’t exist."), ("", "“” isn’t an e-mail address."),
            ("ALICE@example.org", "You have added ALICE@example.org already"),
            ("bob@EXAMPLE.org", ADDRESS_TAKEN),
        ):
            page = add(alice, typed, status=422)
            outline(page)
            page.mustcontain(sentence)
            assert form_of(page, "addresses")["address"].value == typed
        assert letters(services) == []

    def test_is_not_added_if_nobody_can_be_asked(self, alice: TestApp, services: Services) -> None:
        most = services.settings.confirmation.per_user_per_hour
        with services.database.transaction() as session:
            owner = session.scalars(select(User.id).where(User.nick == "alice")).one()
            session.add_all(Confirmation(
                user_id=owner, context="email", value=f"{n}@example.org", created_at=utc_now(),
                expires_at=utc_now()) for n in range(most))
        page = add(alice, "ali@example.net", status=422)
        page.mustcontain("You had enough links sent that confirm addresses. Try again in 1 hour.")
        assert form_of(page, "addresses")["address"].value == "ali@example.net"
        assert list(address_ids(services)) == ["alice@example.org"]

    def test_of_the_sign_in_is_suggested_until_it_is_there(self, alice: TestApp, services: Services) -> None:
        with services.database.transaction() as session:
            session.execute(update(User).values(email="Ali@example.net"))
        assert form_of(alice.get(PAGE), "addresses")["address"].value == "Ali@example.net"
        page = add(alice, "ali@example.net").follow()
        assert form_of(page, "addresses")["address"].value == ""

    def test_is_not_tested_before_it_is_confirmed(self, alice: TestApp, services: Services) -> None:
        page = add(alice, "ali@example.net").follow()
        address = address_ids(services)["ali@example.net"]
        token = form_of(page, "addresses")["csrf_token"].value
        answer = alice.post(f"/addresses/{address}/test", {"csrf_token": token}, status=303).follow()
        answer.mustcontain("ali@example.net isn’t confirmed yet")

    def test_knows_no_other_actions(self, alice: TestApp, world: World, services: Services) -> None:
        token = form_of(alice.get(PAGE), "addresses")["csrf_token"].value
        address = address_ids(services)["alice@example.org"]
        outline(alice.post(f"/addresses/{address}/confirm", {"csrf_token": token}, status=404))
        outline(alice.get(f"/addresses/{address}/remove", status=404))


class TestALink:
    def test_that_has_expired_offers_a_new_one(
        self, alice: TestApp, web: TestApp, services: Services,
    ) -> None:
        add(alice, "ali@example.net")
        old = link(services)
        expire(services)
        alice.get(PAGE).mustcontain("has expired", "Send new link")
        # When it's opened, and a new one asked for
        page = web.get(old)
        outline(page)
        page.mustcontain("This link has expired", "The address isn’t confirmed")
        page = page.form.submit("action", status=303).follow()
        # Then the old one says so, and the new one works
        outline(page)
        page.mustcontain("We sent a new link to ali@example.net")
        web.post(old, {"action": "confirm"}, status=303)
        alice.get(PAGE).mustcontain("Pending")
        web.get(link(services)).form.submit("action", status=303).follow().mustcontain("is confirmed")
        web.get(old).mustcontain("is confirmed")

    def test_is_not_sent_again_too_often(self, alice: TestApp, web: TestApp, services: Services) -> None:
        add(alice, "ali@example.net")
        for _ in range(services.settings.confirmation.per_address_per_day - 1):
            expire(services)
            web.post(link(services), {"action": "resend"}, status=303)
        expire(services)
        page = web.post(link(services), {"action": "resend"}, status=429)
        outline(page)
        page.mustcontain("This address was sent enough links to confirm it", "Try again in 1 day.")
        page = press(alice.get(PAGE), address_ids(services)["ali@example.net"], "resend")
        page.mustcontain("This address was sent enough links")

    def test_of_an_address_that_somebody_else_confirmed_says_so_but_not_who(
        self, alice: TestApp, web: TestApp, services: Services,
    ) -> None:
        add(alice, "us@example.org")
        make_person(services.database, "bob", addresses=["us@example.org"])
        page = web.post(link(services), {"action": "confirm"}, status=303).follow()
        outline(page)
        page.mustcontain("belongs to another account", no="bob")

    def test_is_not_mended_by_guessing(self, web: TestApp, alice: TestApp, services: Services) -> None:
        add(alice, "ali@example.net")
        outline(web.get(f"{link(services)}x", status=404))
        outline(web.post(f"{link(services)}x", {"action": "confirm"}, status=404))
        outline(web.post(link(services), {"action": "delete"}, status=400))
        alice.get(PAGE).mustcontain("Pending")


def test_a_letter_that_could_not_be_delivered_says_why(alice: TestApp, services: Services) -> None:
    add(alice, "wrong@example.net")
    for state, words in ((DeliveryState.WAITING, "yet: 550 <No>. We’ll try again."),
                         (DeliveryState.FAILED, "delivered: 550 <No>. Check the address.")):
        with services.database.transaction() as session:
            session.execute(update(Delivery).values(state=state, reason="550 <No>"))
        page = alice.get(PAGE)
        outline(page)
        page.mustcontain(words.replace("<No>", "&lt;No&gt;"))


def test_without_a_confirmed_address_the_page_says_what_is_missing(
    mallory: TestApp, services: Services,
) -> None:
    page = mallory.get(PAGE)
    outline(page)
    page.mustcontain("We don’t send you anything by e-mail", "No address yet")
    page = form_of(page, "email/switch").submit(status=303).follow()
    page.mustcontain("We can’t send anything yet")
