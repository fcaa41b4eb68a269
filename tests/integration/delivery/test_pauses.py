"""A backend whose whole machine is paused amid a chunk, its clocks included, while another one takes over."""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from sqlalchemy import func, select

from fmn.infra.db import Database
from fmn.ledger.models import Delivery, DeliveryState
from tests.factories.deliveries import make_pending_deliveries, states
from tests.integration.delivery.backend_process import a_backend
from tests.servers.clock import Clock
from tests.servers.processes import Process, ServerMissingError
from tests.servers.smtp import SmtpServer
from tests.servers.waiting import wait_until

ROOT = Path(__file__).parents[3]
#: Mails of a chunk, and how many of them are sent at the same time.
CHUNK, CONNECTIONS = 32, 4
#: Seconds that a claim lasts: far more than a batch needs, far less than anybody wants to wait.
CLAIM = 9.0
SOON = 60.0


@contextmanager
def backend_with_a_clock(
    database: Database, server: SmtpServer, ids: list[int], directory: Path,
) -> Iterator[tuple[Process, Clock]]:
    """A process that delivers these, and the clock that it sees."""
    try:
        clock = Clock(directory / "clock", monotonic=True)
    except ServerMissingError as error:
        pytest.skip(str(error))
    process = Process(
        [sys.executable, "-m", "tests.integration.delivery.backend_process",
         database.engine.url.render_as_string(hide_password=False), str(server.port), str(CLAIM),
         str(CONNECTIONS), *map(str, ids)],
        log=directory / "backend.log",
        environment={**os.environ, **clock.environment, "PYTHONPATH": str(ROOT)})
    try:
        yield process, clock
    finally:
        if process.running:
            process.kill()


def pause_until_its_claims_are_over(database: Database, process: Process, clock: Clock) -> None:
    """Stop it, and let it go on as if no time had passed, where another one could have claimed its mails."""
    process.send(signal.SIGSTOP)
    with database.reading() as session:
        began: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    wait_until(lambda: no_claim_is_left(database), SOON, "its claims don't end")
    with database.reading() as session:
        passed: timedelta = session.execute(select(func.clock_timestamp())).scalar_one() - began
    clock.set(-round(passed.total_seconds()))


def no_claim_is_left(database: Database) -> bool:
    with database.reading() as session:
        left = session.scalar(select(Delivery.id).where(
            Delivery.state == DeliveryState.WAITING, Delivery.claimed_until > func.clock_timestamp())
            .limit(1))
    return left is None


def test_a_machine_that_was_paused_sends_at_most_what_it_had_in_hand_again(
    postgresql_database: Database, smtp_server: SmtpServer, tmp_path: Path,
) -> None:
    ids = make_pending_deliveries(postgresql_database, CHUNK)
    # Given a backend that has some of its mails in hand
    smtp_server.delay = 1.0
    with backend_with_a_clock(postgresql_database, smtp_server, ids, tmp_path) as (process, clock):
        wait_until(lambda: smtp_server.thinking == CONNECTIONS, SOON, "it sends nothing")
        # When its machine is paused for longer than its claims last, without its clocks noticing
        pause_until_its_claims_are_over(postgresql_database, process, clock)
        smtp_server.delay = 0.0
        # and another one sends all that it finds
        other = Database(postgresql_database.engine.url.render_as_string(hide_password=False))
        with closing(a_backend(
                other, smtp_server.port, timedelta(minutes=5), CONNECTIONS)) as backend:
            backend.deliver("email", ids)
        other.close()
        assert states(postgresql_database) == [DeliveryState.SENT] * CHUNK
        process.send(signal.SIGCONT)
        wait_until(lambda: not process.running, SOON, "it doesn't end")
    # Then nothing is doubled but what was in hand
    mails = Counter(message_from_bytes(mail.content)["Message-ID"] for mail in smtp_server.mails)
    doubled = [number for number in mails.values() if number > 1]
    assert len(mails) == CHUNK, process.end_of_log()
    assert len(doubled) <= CONNECTIONS, f"{len(doubled)} of {CHUNK} mails were doubled"
    assert "Traceback" not in process.end_of_log()
