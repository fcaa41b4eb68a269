"""Links to rows that a failover lost, whose numbers other rows were given: none of them means another row."""

from __future__ import annotations

import pytest
from sqlalchemy import update
from webtest import TestApp

from fmn.delivery.bounces import record_bounce
from fmn.delivery.email.return_addresses import ReturnAddresses
from fmn.filters.models import Filter
from fmn.infra.clock import utc_now
from fmn.infra.db import PublicIdMixin, id_of_public_id
from fmn.infra.public_ids import PublicId, new_nonce
from fmn.ledger.models import Delivery, DeliveryState, Notification
from fmn.people.models import Confirmation, DetailValue, Preference, User
from fmn.settings import BounceSettings
from fmn.wiring import Services
from tests.integration.webapp.alices_rows import Own
from tests.integration.webapp.world import World, path

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

TABLES: list[type[PublicIdMixin]] = [User, Preference, Confirmation, Filter, Notification, Delivery]


@pytest.fixture
def own(services: Services) -> Own:
    return Own.of(services)


def lose(services: Services, *tables: type[PublicIdMixin]) -> None:
    """Let the rows of these tables be others of the same numbers, as after a failover that lost some."""
    with services.database.transaction() as session:
        for table in tables:
            session.execute(update(table).values(nonce=new_nonce()))


@pytest.mark.parametrize(("page", "table"), [
    ("why", Notification), ("go", Notification), ("confirm", Confirmation), ("feed", User),
    ("unsubscribe", Preference),
])
def test_a_page_says_that_its_row_is_gone(
    web: TestApp, services: Services, own: Own, page: str, table: type[PublicIdMixin],
) -> None:
    # Given a link in somebody's mailbox that works
    where = f"/{page}/{own.ids[page]}"
    assert web.get(where).status_code < 400
    # When its row is lost, and another one is given its number
    lose(services, table)
    # Then nothing is shown of that one
    answer = web.get(where, status=410)
    answer.mustcontain(no=["alice"])


def test_a_link_confirms_nobody_elses_address(web: TestApp, services: Services, own: Own) -> None:
    lose(services, Confirmation)
    web.post(f"/confirm/{own.ids['confirm']}", {"action": "confirm"}, status=303)
    with services.database.reading() as session:
        assert session.get_one(DetailValue, own.ids["address"]).confirmed_at is None


def test_a_link_stops_nothing_of_somebody_elses(web: TestApp, services: Services, world: World) -> None:
    links = [world.stop_filter, world.stop_all]
    lose(services, Preference)
    for link in links:
        web.post(link, {"action": "stop"}, status=410)
    assert world.on == (True, True)


def test_a_link_stops_no_other_filter(web: TestApp, services: Services, world: World) -> None:
    link = world.stop_filter
    lose(services, Filter)
    web.post(link, {"action": "stop"}, status=410)
    assert world.on == (True, True)


def test_links_of_before_there_were_nonces_go_on_working_until_their_row_is_another(
    web: TestApp, services: Services, world: World,
) -> None:
    # Given a filter and a preference that are older than nonces, and a link that an earlier version sent
    with services.database.transaction() as session:
        session.execute(update(Filter).values(nonce=None))
        session.execute(update(Preference).values(nonce=None))
    link = path(services.links.unsubscribe(PublicId(world.preference_id), PublicId(world.filter_id)))
    assert link.rpartition("/")[2].startswith(f"{world.preference_id}-{world.filter_id}.")
    web.post(link, {"action": "stop"})
    assert world.on == (True, False)
    # When another filter is given the number, which has a nonce as all new ones have
    lose(services, Filter)
    # Then it means nothing
    web.post(link, {"action": "resume"}, status=410)


def test_a_mail_that_comes_back_switches_off_nobody_elses_address(services: Services) -> None:
    # Given a mail that was sent
    world = World.of(services)
    world.receive_comment()
    addresses = ReturnAddresses("bounces@example.org", "+", "secret")
    with services.database.transaction() as session:
        sent = session.query(Delivery).one()
        sent.state, sent.finished_at = DeliveryState.SENT, utc_now()
        to = addresses.of(sent.public_id)
    report = b"Subject: Undelivered Mail Returned to Sender\r\n\r\nno such user"

    def taken() -> object:
        with services.database.transaction() as session:
            return record_bounce(session, report, [to], addresses, utc_now(), BounceSettings())

    # When its row is lost, then it comes back to no address of ours
    before = addresses.read([to], lambda number: PublicId(number, sent.nonce))
    lose(services, Delivery)
    assert before == sent.id
    assert taken() is None
    with services.database.reading() as session:
        assert session.query(Delivery).one().state == DeliveryState.SENT


def test_every_new_row_has_a_nonce_of_its_own(services: Services, own: Own) -> None:
    with services.database.reading() as session:
        for table in TABLES:
            rows = session.query(table).all()
            assert rows, table
            for row in rows:
                assert row.nonce is not None, table
                assert id_of_public_id(session, table, row.public_id) == row.id
                assert id_of_public_id(session, table, PublicId(row.id, row.nonce ^ 1)) is None
                assert id_of_public_id(session, table, PublicId(row.id)) is None
