"""Putting deliveries in words, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from fmn.catalog import catalog
from fmn.delivery.contract import RenderedDelivery
from fmn.delivery.rendering import ClaimedDelivery, render_deliveries
from fmn.digests.closing import close_due_digests
from fmn.filters.editing import remove_filter
from fmn.infra.db import Database
from fmn.people.preferences import Presentation
from tests.factories.messages import NO_THROTTLING, NOON, recorded, stored
from tests.factories.people import change_preference, make_person


def rendered(database: Database, ids: Sequence[int]) -> list[ClaimedDelivery]:
    with database.transaction() as session:
        return render_deliveries(session, ids, catalog().describe, NOON)


def cakes(claimed: ClaimedDelivery) -> list[int]:
    assert isinstance(claimed.rendered, RenderedDelivery)
    return [item.message.body["cake"] for item in claimed.rendered.items]


def test_a_digest_has_its_messages_oldest_first(database: Database) -> None:
    alice = make_person(database, digest_seconds=60)
    for number in (3, 1, 2):
        recorded(database, stored(database, number), alice.recipient)
    ((delivery,),) = close_due_digests(database, NOON + timedelta(minutes=1), 500, NO_THROTTLING).values()
    (claimed,) = rendered(database, [delivery])
    assert cakes(claimed) == [3, 1, 2]


def test_the_same_digest_goes_to_each_address(database: Database) -> None:
    alice = make_person(database, addresses=["a@example.org", "b@example.org"], digest_seconds=60)
    recorded(database, stored(database, 1, 2), alice.recipient)
    (ids,) = close_due_digests(database, NOON + timedelta(minutes=1), 500, NO_THROTTLING).values()
    assert [cakes(claimed) for claimed in rendered(database, ids)] == [[1, 2], [1, 2]]


def test_digests_and_singles_keep_apart_in_a_chunk(database: Database) -> None:
    # Given a message that concerns Alice, who collects, and Bob, who doesn't
    alice, bob = make_person(database, digest_count=2), make_person(database, "bob")
    singles = recorded(database, stored(database, 1, 2), alice.recipient, bob.recipient).deliveries["email"]
    (digests,) = close_due_digests(database, NOON, 500, NO_THROTTLING).values()
    # When all is put in words together
    found = rendered(database, [*digests, *singles])
    # Then each has what belongs to it, in the order that was asked for
    assert [cakes(claimed) for claimed in found] == [[1, 2], [1], [2]]
    assert [claimed.id for claimed in found] == [*digests, *singles]


@pytest.mark.dialects
def test_it_looks_as_its_owner_wants_it_now(database: Database) -> None:
    # Given a mail that waits to be sent when Alice changes how it's to look
    alice = make_person(database)
    ids = recorded(database, stored(database, 1), alice.recipient).deliveries["email"]
    change_preference(database, alice, long_text=False, trigger_links=False, short_links=True, markup=False)
    (claimed,) = rendered(database, ids)
    assert isinstance(claimed.rendered, RenderedDelivery)
    assert claimed.rendered.presentation == Presentation(
        long_text=False, trigger_links=False, short_links=True, markup=False)


def test_a_filter_that_was_deleted_has_no_name(database: Database) -> None:
    alice = make_person(database)
    ids = recorded(database, stored(database, 1), alice.recipient).deliveries["email"]
    with database.transaction() as session:
        remove_filter(session, alice.filter_ids[0])
    (claimed,) = rendered(database, ids)
    assert isinstance(claimed.rendered, RenderedDelivery)
    assert (claimed.rendered.items[0].filter_id, claimed.rendered.items[0].filter_name) == (None, "")


def test_nothing_is_said_of_nothing(database: Database) -> None:
    assert rendered(database, []) == []
