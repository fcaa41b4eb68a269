"""What administrators see and do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from webtest import TestApp

from fmn.administration.budget_enforcement import disable_filters
from fmn.administration.channel_outages import note_outage
from fmn.administration.models import AuditEntry
from fmn.filters.models import Filter, StoredExpression
from fmn.filters.rule_types import follow_event_types
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.infra.slots import claim_slot
from fmn.ledger.messages import store
from fmn.ledger.models import Delivery, DeliveryKind, DeliveryState
from fmn.ledger.quarantine import MAX_TRIES, begin_try
from fmn.ledger.unreadable import UnreadableMessage, keep_unreadable
from fmn.people.models import Preference
from fmn.wiring import Services
from tests.factories.databases import current_revision
from tests.factories.figures import count
from tests.factories.matching import match
from tests.factories.messages import NOON, make_message
from tests.integration.webapp.pages import outline
from tests.integration.webapp.world import World

REASON = "550 5.1.1 <b>alice@example.org</b>: user unknown"
NO_LEADER = "No scheduler leads, so no periodic job runs; start fmn scheduler."
NOTE = "It lets <everything> through: name a package."


@pytest.fixture(autouse=True)
def _revision(database: Database) -> Iterator[None]:
    with current_revision(database):
        yield


@pytest.fixture
def failed(world: World) -> int:
    """A delivery to Alice that failed; its id."""
    world.receive_comment()
    with world.services.database.transaction() as session:
        delivery = session.scalars(
            update(Delivery).values(state=DeliveryState.FAILED, reason=REASON, finished_at=NOON, attempts=7)
            .returning(Delivery.id)).one()
    return int(delivery)


def state(services: Services, delivery_id: int) -> tuple[str, str]:
    with services.database.reading() as session:
        found = session.get_one(Delivery, delivery_id)
        return found.state, found.reason


def recorded(services: Services) -> list[tuple[str, str, str]]:
    with services.database.reading() as session:
        return [(each.actor, each.action, each.subject)
                for each in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def test_root_finds_alice_by_name_and_by_address(root: TestApp, world: World) -> None:
    assert world.on == (True, True)
    for wanted in ("lic", "ALICE", "alice@example.org", "Alice@Example.org"):
        page = root.get("/admin/people", {"q": wanted})
        outline(page)
        page.mustcontain("/admin/people/alice", "on: e-mail")
    page = root.get("/admin/people", {"q": "alice@example"})
    page.mustcontain("No matches")
    root.get("/admin/people", {"q": "%"}).mustcontain("No matches")


def test_root_sees_whose_filters_were_switched_off_for_what_they_cost(
    root: TestApp, alice: TestApp, world: World, services: Services,
) -> None:
    # Given a filter of Alice's that took too much computing time
    words = "It takes too much computing time."
    with services.database.transaction() as session:
        owner = session.get_one(Preference, world.preference_id).user_id
        asked = session.get_one(Filter, world.filter_id).expression_id
        disable_filters(session, owner, [asked], words, utc_now())

    # Then Root sees it, and Alice reads why
    page = root.get("/admin")
    outline(page)
    page.mustcontain("FMN switched off filters", '<a href="/admin/people/alice">alice</a>')
    root.get("/admin/audit").mustcontain("switched off for what it costs", words)
    alice.get(f"/filters/{world.filter_id}").mustcontain("This filter was switched off:", words)


def test_people_are_listed_page_by_page(root: TestApp, services: Services) -> None:
    names = [f"person{number:03}" for number in range(60)]
    from fmn.people.accounts import get_or_create_account  # noqa: PLC0415
    with services.database.transaction() as session:
        for name in names:
            get_or_create_account(session, name, ["email"])
    first = root.get("/admin/people", {"q": "person"})
    first.mustcontain("person000", "person049", no="person050")
    first.click("More people").mustcontain("person050", "person059", no=["person049", "More people"])


def test_seeing_somebodys_preferences_is_on_record(
    root: TestApp, world: World, services: Services,
) -> None:
    page = root.get("/admin/people/alice")
    outline(page)
    page.mustcontain("My packages", "alice@example.org", "confirmed", "not koji_tag")
    assert recorded(services) == [("root", "saw preferences", "alice")]
    root.get("/admin/audit").mustcontain("saw preferences", "alice")
    root.get("/admin/people/nobody", status=404)
    assert len(recorded(services)) == 1
    assert world.on == (True, True)


def test_a_filter_that_cannot_be_read_is_seen_too(root: TestApp, world: World, services: Services) -> None:
    with services.database.transaction() as session:
        session.execute(update(StoredExpression).values(body={"some": []}))
    page = root.get("/admin/people/alice")
    page.mustcontain("My packages", "FMN can&#39;t read this filter any more.")


def test_a_runaway_filter_is_stopped_with_a_note_to_its_owner(
    root: TestApp, world: World, services: Services,
) -> None:
    # When Root stops Alice's filter
    form = root.get("/admin/people/alice").forms[0]
    form["note"] = NOTE
    page = form.submit(status=303).follow()

    # Then it's off from the next message on, the note stands beside it, and what Root did is on record
    outline(page)
    page.mustcontain("alice will see your note", "It lets &lt;everything&gt; through")
    assert world.on == (True, False)
    world.receive_comment()
    assert world.notifications == 0
    with services.database.reading() as session:
        assert session.get_one(Filter, world.filter_id).stop_reason == NOTE
        letter = session.scalars(select(Delivery).where(Delivery.kind == DeliveryKind.NOTICE)).one()
    assert (letter.destination, letter.state) == ("alice@example.org", DeliveryState.WAITING)
    assert NOTE in letter.system_message["text"]
    assert ("root", "stopped a filter", "alice") in recorded(services)


def test_a_note_has_to_be_written(root: TestApp, world: World) -> None:
    form = root.get("/admin/people/alice").forms[0]
    form["note"] = "   "
    form.submit(status=303).follow().mustcontain("The filter wasn’t stopped")
    assert world.on == (True, True)


def test_failed_deliveries_are_tried_again(
    root: TestApp, failed: int, services: Services,
) -> None:
    page = root.get("/admin/deliveries")
    outline(page)
    page.mustcontain("&lt;b&gt;alice@example.org&lt;/b&gt;: user unknown")
    retry = page.forms[0].submit(status=303).follow()
    retry.mustcontain("1 delivery queued for retry", "No failed deliveries")
    assert state(services, failed) == (DeliveryState.WAITING, REASON)
    assert ("root", "retried deliveries", "") in recorded(services)
    # And a second press does nothing more
    page.forms[0].submit(status=303).follow().mustcontain(
        "There are no more failed deliveries with this reason")


def test_failed_deliveries_are_given_up(root: TestApp, failed: int, services: Services) -> None:
    root.get("/admin/deliveries").forms[1].submit(status=303).follow().mustcontain("1 delivery discarded")
    assert state(services, failed) == (DeliveryState.DROPPED, f"given up by an administrator: {REASON}")
    assert ("root", "discarded deliveries", "") in recorded(services)


def test_how_it_stands_is_on_one_page(root: TestApp, failed: int, services: Services) -> None:
    assert failed
    with services.database.transaction() as session:
        ids = store(session, [make_message(7)], NOON)
    page = root.get("/admin")
    outline(page)
    page.mustcontain("Messages to match", "user unknown", "Deliveries by e-mail", no="crashed workers")
    # And what the catalogue doesn't know is listed once it was matched
    match(services.batch_matcher, ids)
    for where in ("/admin", "/admin/topics"):
        root.get(where).mustcontain(make_message(7).topic)


def test_messages_that_workers_died_of_are_counted(root: TestApp, services: Services) -> None:
    with services.database.transaction() as session:
        for message_id in store(session, [make_message(7), make_message(8), make_message(9)], NOON)[1:]:
            for _ in range(MAX_TRIES):
                begin_try(session, message_id, utc_now())
    page = root.get("/admin")
    outline(page)
    page.mustcontain("2 messages quarantined", "fmn messages list")
    [line] = [row for row in page.html.find_all("tr") if "Messages to match" in row.text]
    assert line.find(class_="number").text == "1"


def test_the_audit_log_is_read_page_by_page_and_by_person(root: TestApp, services: Services) -> None:
    with services.database.transaction() as session:
        session.add_all(
            AuditEntry(actor="root", action=f"did {number}", subject="alice" if number % 2 else "bob")
            for number in range(60))
    first = root.get("/admin/audit")
    first.mustcontain("did 59", "did 10", no="did 9<")
    first.click("Older").mustcontain("did 9<", "did 0<", no="Older")
    root.get("/admin/audit", {"subject": "bob"}).mustcontain("did 58", no="did 59")
    for wrong in ("x", "9" * 30, "-1"):
        root.get("/admin/audit", {"before": wrong}).mustcontain("did 59")


def test_messages_that_cant_be_read_are_listed_with_the_reason_and_their_beginning(
    root: TestApp, services: Services,
) -> None:
    outline(root.get("/admin/unreadable"))
    with services.database.transaction() as session:
        keep_unreadable(session, [
            UnreadableMessage.of(
                "fedora-messaging", NOON, f"org.example.oven.{number}", "not-json", "the body isn't JSON",
                b'{"token": "hush", "cake": "<b>lead</b>"')
            for number in range(60)])
    first = root.get("/admin/unreadable")
    outline(first)
    first.mustcontain("org.example.oven.59", "not-json", "&lt;b&gt;lead", no=["hush", "oven.9<"])
    first.click("Older").mustcontain("oven.9<", "oven.0<", no="Older")
    for wrong in ("x", "9" * 30, "-1"):
        root.get("/admin/unreadable", {"before": wrong}, status=200)


def test_the_status_page_has_problems_of_files_of_event_types(root: TestApp, tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("[<application>")
    follow_event_types(tmp_path)
    try:
        page = root.get("/admin")
    finally:
        follow_event_types(None)
    outline(page)
    page.mustcontain(f"{tmp_path}/broken.toml:1: this isn&#39;t TOML")


def test_the_status_page_begins_with_the_verdict(root: TestApp, services: Services) -> None:
    # Given an installation in which the scheduler works
    claim_slot(services.database, "sweep", 1, utc_now())
    page = root.get("/admin")
    outline(page)
    assert page.html.select_one(".health").get_text().split() == ["1", "problem", *NO_LEADER.split()]
    # When a channel can't connect for a while
    note_outage(services.database, "irc", "the server <can't> be reached", utc_now() - timedelta(hours=1))
    # Then it says so, as fmn status does
    page = root.get("/admin")
    page.mustcontain(
        "2 problems", "<code>fmn.irc.*</code>", "The channel irc can&#39;t connect since",
        "the server &lt;can&#39;t&gt; be reached")


def test_retries_are_there_with_their_reasons(root: TestApp, world: World, services: Services) -> None:
    world.receive_comment()
    root.get("/admin").mustcontain("No delivery is being retried.")
    with services.database.transaction() as session:
        session.execute(update(Delivery).values(attempts=2, reason="451 try <later>"))
    root.get("/admin").mustcontain("451 try &lt;later&gt;", "1 delivery by e-mail, next attempts until")


@pytest.mark.parametrize(("span", "periods"), [("hour", 12), ("day", 24), ("week", 28), ("month", 30)])
def test_figures_are_shown_for_a_span(root: TestApp, services: Services, span: str, periods: int) -> None:
    # Given three messages that came a moment ago
    with services.database.transaction() as session:
        store(session, [make_message(number) for number in range(3)], utc_now())
    count(services.database, utc_now())
    # Then they're in the charts, and in their tables
    page = root.get("/admin", {"span": span})
    assert page.html.select_one('.tabs [aria-current="page"]')["href"] == f"/admin?span={span}"
    messages = page.html.find(id="chart-messages").parent
    assert messages.select_one("svg[role=img]")["aria-label"] == "Messages: Received 3, Matched 0"
    assert len(messages.select("rect.period")) == len(messages.select("tbody tr")) == periods
    assert len(page.html.select(".charts .card")) == 5


def test_an_unknown_span_is_the_day(root: TestApp) -> None:
    page = root.get("/admin", {"span": "century"})
    assert page.html.select_one('.tabs [aria-current="page"]').text == "Last day"
