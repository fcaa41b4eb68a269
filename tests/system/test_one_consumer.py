"""Of several backends one delivers; when it dies or hangs another one does, and nobody gets a mail twice."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fmn.infra.backend_queues import DELIVERY_LIMIT
from tests.servers.rabbitmq import Queue
from tests.servers.smtp import SmtpServer
from tests.servers.waiting import wait_until
from tests.system.bus import Bus
from tests.system.events import Event, make_events
from tests.system.expectation import ACCEPTED_WITHIN, duplicates, expect, judge, letter
from tests.system.installation import BACKEND_THREADS, Installation, SharedServers
from tests.system.ledger import has_claims, wait_until_done
from tests.system.population import Crowd
from tests.system.queues import consumers_of, wait_for_consumers

QUEUE = "backend.email"
BACKENDS = ("backend-1", "backend-2")
#: Messages while a backend is killed, and how many a second.
MESSAGES, PACE = 120, 25.0
#: Seconds that the mail server takes for a mail, so that somebody who delivers can be seen doing it.
THINKS = 0.02
#: Messages at once, so that a backend has its hands full when it hangs, and how often one does.
BURST, HANGS = 60, 2


@contextmanager
def coming(bus: Bus, events: Iterable[Event], pace: float) -> Iterator[None]:
    """So many messages come a second while something else happens; all have come at the end."""
    def publish() -> None:
        for event in events:
            bus.send(*bus.sign(event.topic, event.msg))
            time.sleep(1 / pace)

    publishing = threading.Thread(target=publish, daemon=True)
    publishing.start()
    try:
        yield
    finally:
        publishing.join()


def assert_declared(queues: Mapping[str, Queue]) -> None:
    """Each of the processes declared its queues alike, whichever was the first."""
    # A backend's queue has one consumer at a time and gives a task up after a few deliveries
    assert queues[QUEUE].arguments == {
        "x-dead-letter-exchange": "", "x-dead-letter-routing-key": f"{QUEUE}.XQ",
        "x-single-active-consumer": True, "x-queue-type": "quorum", "x-delivery-limit": DELIVERY_LIMIT}
    # The others are plain, also that of its delayed tasks: restarts mustn't use a limit up
    for plain in ("match", "digests", f"{QUEUE}.DQ"):
        dead = f"{plain.removesuffix('.DQ')}.XQ"
        assert queues[plain].arguments == {
            "x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead}


@pytest.mark.timeout(900)
def test_the_standby_takes_over_when_the_active_backend_is_killed(
    installation: Installation, smtp_server: SmtpServer, crowd: Crowd, chance: random.Random,
    tell: Callable[[str], None],
) -> None:
    rabbitmq, database = installation.shared_servers.rabbitmq, installation.database
    events = make_events(crowd, MESSAGES, chance)
    smtp_server.delay = THINKS
    with installation.running("consumer", "worker", "scheduler", "backend-1"):
        # Given two backends: the first that came delivers, the other one stands by
        installation.bus.wait_for_listeners(1)
        wait_for_consumers(rabbitmq, QUEUE, 1)
        installation.start("backend-2")
        before = wait_for_consumers(rabbitmq, QUEUE, 2)
        assert len(before.active) == len(before.waiting) == 1
        wait_until(lambda: rabbitmq.list_queues().keys() >= {"match", "digests"}, 30, "queues are missing")
        assert_declared(rabbitmq.list_queues())

        with coming(installation.bus, events, PACE):
            # When the active one is killed while it delivers
            smtp_server.wait_for(20, timeout=30)
            active, standby = map(installation.program, BACKENDS)
            process = standby.child
            assert not has_claims(database, process)
            killed_at = time.time()
            active.signal_all(signal.SIGKILL)
            wait_until(lambda: has_claims(database, process), 30, "nobody takes over")
            taken_over_at = time.time()

            # Then the other one delivers at once, and the first stands by when it's back
            assert consumers_of(rabbitmq, QUEUE).active == before.waiting
            after = wait_for_consumers(rabbitmq, QUEUE, 2)
            assert after.active == before.waiting
            assert set(after.waiting).isdisjoint({*before.active, *before.waiting})
        wait_until_done(database, MESSAGES, timeout=60)

    first = min(mail.accepted_at for mail in smtp_server.mails if mail.accepted_at > taken_over_at)
    tell(f"the standby was at work {taken_over_at - killed_at:.2f} s after the kill, "
         f"the next mail came {first - killed_at:.2f} s after it")
    letters = [letter(mail) for mail in smtp_server.mails]
    verdict = judge(expect(crowd, events, datetime.now(UTC)), letters)
    assert not verdict.missing
    assert not verdict.unexpected
    again = duplicates(letters)
    assert len(verdict.repeated) == len(again) <= BACKEND_THREADS
    assert all(mails[0].accepted_at <= killed_at + ACCEPTED_WITHIN for mails in again.values())


@pytest.mark.timeout(900)
def test_a_backend_that_hung_sends_nothing_when_it_wakes(
    tmp_path: Path, shared_servers: SharedServers, smtp_server: SmtpServer, bus: Bus, crowd: Crowd,
    chance: random.Random, tell: Callable[[str], None],
) -> None:
    # Given a RabbitMQ that gives up on who is silent for a few seconds, and claims and transactions alike
    installation = Installation(tmp_path, shared_servers, bus, crowd, {
        "fmn.database.url":
            f"{shared_servers.database_url}?options=-c%20idle_in_transaction_session_timeout%3D2000",
        "fmn.broker.url": f"{shared_servers.rabbitmq.url}?heartbeat=2",
        "fmn.delivery.claim_seconds": 3, "fmn.email.timeout_seconds": 1})
    installation.prepare()
    database = installation.database
    events = make_events(crowd, HANGS * BURST, chance)
    hangs: list[tuple[float, float]] = []
    with installation.running("consumer", "worker", "scheduler", *BACKENDS):
        bus.wait_for_listeners(1)
        for begin in range(0, len(events), BURST):
            wait_for_consumers(shared_servers.rabbitmq, QUEUE, 2)
            before = len(smtp_server.mails)
            with coming(bus, events[begin:begin + BURST], pace=1000):
                # When the one that delivers hangs, and wakes when another one has done its work
                smtp_server.wait_for(before + chance.randint(10, BURST), timeout=30)
                active = max(map(installation.program, BACKENDS), key=lambda one: one.last_said("delivery"))
                active.signal_all(signal.SIGSTOP)
                hung_at = time.time()
            wait_until_done(database, begin + BURST, timeout=90)
            hangs.append((hung_at, time.time()))
            active.signal_all(signal.SIGCONT)
        wait_for_consumers(shared_servers.rabbitmq, QUEUE, 2)

    # Then what it had handed over and not noted may have come twice, but nothing by the one that woke
    letters = [letter(mail) for mail in smtp_server.mails]
    verdict = judge(expect(crowd, events, datetime.now(UTC)), letters)
    assert not verdict.missing
    assert not verdict.unexpected
    again = duplicates(letters)
    tell(f"{HANGS} hangs, {len(letters)} mails; {len(again)} mails came twice, "
         f"{HANGS * BACKEND_THREADS} may")
    assert len(verdict.repeated) == len(again) <= HANGS * BACKEND_THREADS
    times = [[mail.accepted_at for mail in mails] for mails in again.values()]
    assert all(any(hung <= second <= woke for hung, woke in hangs) for _, second in times), (hangs, times)
