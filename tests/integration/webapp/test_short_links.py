"""Short links."""

from __future__ import annotations

from sqlalchemy import delete, select
from webtest import TestApp

from fmn.infra.public_ids import PublicId
from fmn.ledger.models import Notification, StoredMessage
from fmn.wiring import Services
from tests.integration.webapp.pages import outline
from tests.integration.webapp.world import World, path


def happened(world: World) -> PublicId:
    """A new notification."""
    return world.named(Notification, world.notification(world.receive_comment()))


def test_a_short_link_leads_where_the_long_one_does_whatever_the_request_says(
    web: TestApp, world: World, services: Services,
) -> None:
    link = path(services.links.go(happened(world)))
    for address in (link, f"{link}?to=https://mallory.example.org", f"{link}#https://mallory.example.org"):
        answer = web.get(address, status=303)
        assert answer.location == "https://bodhi.fedoraproject.org/updates/FEDORA-2026-3f0c2a51d7"


def test_a_short_link_that_is_not_ours_is_refused(web: TestApp, world: World, services: Services) -> None:
    notification = happened(world)
    for token in (str(notification), path(services.links.why(notification)).rpartition("/")[2], "2.x"):
        page = web.get(f"/go/{token}", status=404, expect_errors=True)
        assert "location" not in page.headers


def test_a_short_link_whose_message_is_gone_says_so(web: TestApp, world: World, services: Services) -> None:
    link = path(services.links.go(happened(world)))
    with services.database.transaction() as session:
        session.execute(delete(Notification))
    page = web.get(link, status=410)
    outline(page)
    page.mustcontain("This link has expired", "14 days")


def test_a_short_link_to_a_page_with_any_name_fits_in_a_header(
    web: TestApp, world: World, services: Services,
) -> None:
    # Given a message whose link has what a header can't hold
    link = path(services.links.go(happened(world)))
    with services.database.transaction() as session:
        stored = session.scalars(select(StoredMessage)).one()
        stored.topic = "org.fedoraproject.prod.planet.post.new"
        stored.body = {"post": {"link": "https://blog.example.org/moß?ü=1&%20#\u20ac"}}
    assert web.get(link, status=303).location == "https://blog.example.org/mo%C3%9F?%C3%BC=1&%20#%E2%82%AC"
