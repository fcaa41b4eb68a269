"""Recording how deliveries ended, by several threads, on SQLite and PostgreSQL."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.delivery.recording import DeliveryOutcome, Recorder
from fmn.infra.db import Database
from fmn.ledger.models import Delivery, DeliveryState
from tests.factories.deliveries import make_pending_deliveries, states
from tests.servers.waiting import wait_until

CLAIMS = 5


@pytest.fixture
def ids(database: Database) -> list[int]:
    return make_pending_deliveries(database, CLAIMS)


class Held:
    """An outcome that takes until it's let go to be recorded, so that others come meanwhile."""

    def __init__(self, delivery_id: int) -> None:
        self.begun, self._go = threading.Event(), threading.Event()
        self.outcome = DeliveryOutcome(delivery_id, "email", "held", "later", self._write)

    def _write(self, _session: Session) -> bool:
        self.begun.set()
        self._go.wait(30)
        return True

    def let_go(self) -> None:
        self._go.set()


def record_meanwhile(recorder: Recorder, held: Held, *outcomes: DeliveryOutcome) -> list[Callable[[], None]]:
    """Let each be recorded by a thread of its own, while another one is being recorded; their results."""
    with ThreadPoolExecutor(len(outcomes) + 1) as pool:
        first = pool.submit(recorder.record, held.outcome)
        assert held.begun.wait(30)
        others = [pool.submit(recorder.record, outcome) for outcome in outcomes]
        wait_until(lambda: recorder.pending == len(outcomes), 30, "they don't come")
        assert not any(other.done() for other in others)
        held.let_go()
    first.result()
    return [other.result for other in others]


def error_of(result: Callable[[], None]) -> BaseException | None:
    try:
        result()
    except BaseException as error:  # noqa: BLE001 - what ends a thread is no Exception
        return error
    return None


def test_what_ends_meanwhile_is_recorded_together(database: Database, ids: list[int]) -> None:
    # Given an outcome that is just being recorded, and three that come meanwhile
    transactions: list[Session] = []

    def failed(session: Session) -> bool:
        transactions.append(session)
        return True

    outcomes = [DeliveryOutcome(ids[1], "email"), *(
        DeliveryOutcome(delivery_id, "email", "failed", "no such mailbox", failed)
        for delivery_id in ids[2:4])]
    # When it's recorded
    for result in record_meanwhile(Recorder(database), Held(ids[0]), *outcomes):
        result()
    # Then the others are, in one transaction
    assert len(transactions) == 2
    assert len(set(transactions)) == 1
    assert states(database)[1] == DeliveryState.SENT


def test_what_can_not_be_recorded_harms_no_other(database: Database, ids: list[int]) -> None:
    def trip(_session: Session) -> bool:
        raise ZeroDivisionError

    bad = DeliveryOutcome(ids[2], "email", "failed", "odd", trip)
    good, wrong = record_meanwhile(Recorder(database), Held(ids[0]), DeliveryOutcome(ids[1], "email"), bad)
    good()
    with pytest.raises(ZeroDivisionError):
        wrong()
    assert states(database)[1:3] == [DeliveryState.SENT, DeliveryState.WAITING]


@pytest.mark.dialects
def test_what_was_recorded_before_is_recorded_once(database: Database, ids: list[int]) -> None:
    recorder = Recorder(database)
    for _ in range(2):
        recorder.record(*(DeliveryOutcome(delivery_id, "email") for delivery_id in ids))
    assert states(database) == [DeliveryState.SENT] * CLAIMS
    with database.reading() as session:
        assert set(session.scalars(select(Delivery.attempts))) == {1}


def test_a_thread_that_is_ended_leaves_the_others_theirs(database: Database, ids: list[int]) -> None:
    # Given a thread that is ended while it records the outcomes of others with its own
    class EndedError(BaseException):
        pass

    endings = [EndedError]

    def end(_session: Session) -> bool:
        if endings:
            raise endings.pop()
        return True

    last = DeliveryOutcome(ids[1], "email", "failed", "odd", end)
    results = record_meanwhile(Recorder(database), Held(ids[0]), DeliveryOutcome(ids[2], "email"), last)
    # Then that thread ends, and the other one records both
    ended = [isinstance(error_of(result), EndedError) for result in results]
    assert sorted(ended) == [False, True]
    assert states(database)[2] == DeliveryState.SENT


def test_a_connection_that_was_lost_meanwhile_costs_nobody_anything(
    database: Database, ids: list[int], monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given a recorder that would wait for ever, and whose connection dies between two outcomes
    monkeypatch.setattr("fmn.infra.dedicated_connection.RETRY_SECONDS", math.inf)
    recorder = Recorder(database)
    recorder.record(DeliveryOutcome(ids[0], "email"))
    connection = recorder._connection._connection  # noqa: SLF001 - nobody else can end it on SQLite, too
    assert connection is not None
    kept = connection.connection.dbapi_connection
    assert kept is not None
    kept.close()
    # When something is recorded
    recorder.record(DeliveryOutcome(ids[1], "email"))
    # Then it's recorded at once, over another one
    assert states(database)[:2] == [DeliveryState.SENT, DeliveryState.SENT]
    recorder.close()
