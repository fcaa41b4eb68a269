"""Every dropped delivery counts once, by its reason: when its transaction is committed."""

from __future__ import annotations

import pytest

from fmn.infra.db import Database
from fmn.ledger.failed_deliveries import DeliverySelection, discard
from fmn.ledger.reasons import Reason
from tests.factories.counters import counted
from tests.factories.messages import NOON, recorded, recorded_in, stored
from tests.factories.people import make_person, remove_address


def dropped(reason: Reason) -> float:
    return counted("fmn_deliveries_dropped", context="email", reason=reason.label)


@pytest.mark.parametrize(("committed", "expected"), [(True, 2), (False, 0)])
def test_count_only_what_is_committed(database: Database, *, committed: bool, expected: int) -> None:
    # Given Alice, who has no address
    alice = make_person(database)
    remove_address(database, alice)
    before = dropped(Reason.NO_ADDRESS)
    # When two messages concern her
    with database.transaction() as session:
        recorded_in(session, stored(database, 1, 2), alice.recipient)
        if not committed:
            session.rollback()
    # Then both are dropped, unless the worker died
    assert dropped(Reason.NO_ADDRESS) - before == expected


def test_what_a_rematch_takes_back_does_not_count(database: Database) -> None:
    # Given Alice, who has no address, and whose preferences changed since she was matched
    alice = make_person(database)
    ids = stored(database, 1)
    remove_address(database, alice)
    before = dropped(Reason.NO_ADDRESS)
    # When a message is recorded for her, and then again as she's matched anew
    recorded(database, ids, alice.recipient, revision=0)
    # Then it counts once
    assert dropped(Reason.NO_ADDRESS) - before == 1


def test_what_an_administrator_gives_up_counts(database: Database) -> None:
    alice = make_person(database)
    recorded(database, stored(database, 1, 2), alice.recipient)
    before = dropped(Reason.DISCARDED)
    with database.transaction() as session:
        assert discard(session, DeliverySelection(waiting=True), NOON) == 2
    assert dropped(Reason.DISCARDED) - before == 2
