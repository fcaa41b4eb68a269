"""The administrators' page that traces a message."""

from __future__ import annotations

from sqlalchemy import select, update
from webtest import TestApp

from fmn.administration.models import AuditEntry
from fmn.filters.models import MuteKind
from fmn.filters.mutes import mute
from fmn.infra.clock import utc_now
from fmn.ledger.models import Delivery, DeliveryState, StoredMessage
from fmn.wiring import Services
from tests.factories.matching import match
from tests.factories.messages import NOON
from tests.factories.people import make_person
from tests.integration.webapp.pages import outline
from tests.integration.webapp.world import World

ANSWER = "550 5.1.1 <b>alice@example.org</b>: user unknown"


def msg_id_of(services: Services, message_id: int) -> str:
    with services.database.reading() as session:
        return session.get_one(StoredMessage, message_id).msg_id


def audited(services: Services) -> list[tuple[str, str, str, object]]:
    with services.database.reading() as session:
        return [(each.actor, each.action, each.subject, each.details)
                for each in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def test_root_follows_a_message_to_every_delivery_which_is_on_record(
    root: TestApp, world: World, services: Services,
) -> None:
    # Given a message of which one delivery failed, and which somebody else has muted
    polly = make_person(services.database, "polly", packages=["moss"])
    with services.database.transaction() as session:
        mute(session, polly.user_id, MuteKind.PACKAGE, "moss", None, utc_now())
    wanted = msg_id_of(services, world.receive_comment())
    with services.database.transaction() as session:
        session.execute(update(Delivery).values(
            state=DeliveryState.FAILED, reason=ANSWER, attempts=7, finished_at=NOON))

    # When Root looks for it
    page = root.get("/admin")
    form = page.click("Trace a message").form
    form["q"] = wanted
    page = form.submit()

    # Then all of it is there
    outline(page)
    page.mustcontain(
        "tom commented on the update", wanted, "after it was received", "1 person", "By e-mail: 1 failed",
        "alice", "Filter “My packages”, recorded ", "after 7 attempts",
        "550 5.1.1 &lt;b&gt;alice@example.org&lt;/b&gt;: user unknown", "Muted now",
        "By email: the package moss, muted since ", "Muting isn&#39;t recorded")
    # And everybody who is in it can see in the audit log that Root looked
    assert audited(services) == [
        ("root", "traced a message", nick, {"msg_id": wanted}) for nick in ("alice", "polly")]


def test_root_follows_it_for_one_person(root: TestApp, world: World, services: Services) -> None:
    make_person(services.database, "polly", packages=["fern"])
    wanted = msg_id_of(services, world.receive_comment())

    page = root.get("/admin/trace", {"q": wanted, "user": "polly"})
    outline(page)
    page.mustcontain("Nothing is recorded for polly", f"fmn why polly {wanted}")
    assert audited(services)[-1][2] == "polly"
    root.get("/admin/trace", {"q": wanted, "user": "nobody"}).mustcontain("Nobody here is called that.")


def test_a_message_to_many_comes_page_by_page(root: TestApp, world: World, services: Services) -> None:
    for number in range(25):
        make_person(services.database, f"user{number:02}", packages=["moss"])
    message = world.receive_comment()
    match(services.batch_matcher, [message])

    page = root.get("/admin/trace", {"q": msg_id_of(services, message)})

    page.mustcontain("26 people", "By e-mail: 26 waiting", "user18", no=["user20"])
    page.click("More notifications").mustcontain("user24", no=["user18", "More notifications"])


def test_says_what_to_do_about_a_message_that_is_not_there(root: TestApp, services: Services) -> None:
    for wanted in ("2026-gone", "http://["):
        page = root.get("/admin/trace", {"q": wanted})
        outline(page)
        page.mustcontain("No such message", "fmn catchup --since")
    assert audited(services) == []
