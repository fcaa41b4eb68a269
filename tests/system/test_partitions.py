"""Backends, one of several processes, share a channel's partitions, whose number changes; one is killed."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from fmn.infra.backend_queues import backend_queue, partition_of
from fmn.ledger.models import Delivery
from tests.servers.smtp import ReceivedMail, SmtpServer
from tests.servers.waiting import wait_until
from tests.system.bus import Bus
from tests.system.events import Event, make_events
from tests.system.expectation import ACCEPTED_WITHIN, duplicates, expect, judge, letter
from tests.system.installation import BACKEND_THREADS, Installation
from tests.system.ledger import has_claims, message_id, wait_until_done
from tests.system.population import Crowd
from tests.system.process_supervisor import children_of
from tests.system.queues import wait_for_consumers

#: One thread each: tasks are done in the order in which they were sent, so mails come in order.
IN_ORDER = ("--threads", "1")
BACKENDS = ("backend-1", "backend-2")
#: Of the second backend, so that each process of both has a partition.
TWO_PROCESSES = ("--processes", "2")
PARTITIONS = 3
#: Messages a second, and at most.
PACE, MESSAGES = 8.0, 6_000
#: Mails while both backends share the channel and nothing else happens.
UNDISTURBED = 50
#: Seconds that the mail server takes for a mail, so that somebody who delivers can be seen doing it.
THINKS = 0.01
#: Seconds until backends have found out that they share a channel, on a busy machine.
SHARED = 90.0
#: Seconds since a process was seen delivering, within which it counts as one that does.
LATELY = 2.0


@contextmanager
def coming(bus: Bus, events: Sequence[Event]) -> Iterator[list[Event]]:
    """Messages come while something else happens; the list grows by each."""
    published: list[Event] = []
    over = threading.Event()

    def publish() -> None:
        for event in events:
            if over.wait(1 / PACE):
                return
            bus.send(*bus.sign(event.topic, event.msg))
            published.append(event)

    publishing = threading.Thread(target=publish, daemon=True)
    publishing.start()
    try:
        yield published
    finally:
        over.set()
        publishing.join()


def restart(installation: Installation, names: Sequence[str]) -> None:
    """Stop and start one process after the other, as an upgrade does."""
    for name in names:
        program = installation.program(name)
        installation.supervisor.stop(program)
        installation.supervisor.add(program)


def processes_of(installation: Installation, name: str) -> Sequence[int]:
    """The processes in which a backend delivers; none while it starts."""
    with suppress(ProcessLookupError):
        return children_of(installation.program(name).main)
    return ()


def wait_until_shared(installation: Installation) -> None:
    """Wait until every process of both backends delivers at the same time."""
    seen: dict[int, float] = {}

    def each_delivers() -> bool:
        processes = [each for name in BACKENDS for each in processes_of(installation, name)]
        now = time.monotonic()
        seen.update({each: now for each in processes if has_claims(installation.database, each)})
        return len(processes) == PARTITIONS and all(now - seen.get(each, 0.0) < LATELY for each in processes)

    wait_until(each_delivers, SHARED, "the backends don't share the channel")


def sent_while(
    installation: Installation, mails: Sequence[ReceivedMail], began: float, ended: float,
) -> dict[str, list[int]]:
    """The deliveries of the mails that came within this time, in their order, by address."""
    with installation.database.transaction() as session:
        rows = session.execute(select(Delivery.id, Delivery.key)).all()
    ids = {message_id(row[1]): row[0] for row in rows}
    found: defaultdict[str, list[int]] = defaultdict(list)
    for mail in sorted(mails, key=lambda mail: mail.accepted_at):
        if began < mail.accepted_at < ended:
            found[mail.rcpt_tos[0]].append(ids[mail.message["Message-ID"]])
    return found


@pytest.mark.timeout(900)
def test_backends_share_a_channel_whose_partitions_change(
    installation: Installation, smtp_server: SmtpServer, crowd: Crowd, chance: random.Random,
    tell: Callable[[str], None],
) -> None:
    rabbitmq, database = installation.shared_servers.rabbitmq, installation.database
    further = backend_queue("email", PARTITIONS - 1)
    smtp_server.delay = THINKS
    with installation.running("consumer", "scheduler"):
        # Given a backend and one partition
        for name in ("worker", BACKENDS[0]):
            installation.start(name, *IN_ORDER)
        installation.bus.wait_for_listeners(1)
        with coming(installation.bus, make_events(crowd, MESSAGES, chance)) as published:
            smtp_server.wait_for(20, timeout=60)

            # When there are more partitions and another backend, of two processes, of which who sends the
            # tasks hears last, and the scheduler doesn't, then all three processes deliver
            installation.change({"fmn.delivery.partitions": f"email={PARTITIONS}"})
            installation.start(BACKENDS[1], *IN_ORDER, *TWO_PROCESSES)
            restart(installation, [BACKENDS[0], "worker"])
            growing = time.monotonic()
            wait_until_shared(installation)
            tell(f"the channel was shared {time.monotonic() - growing:.1f} s after the last process started")
            began = time.time()
            smtp_server.wait_for(len(smtp_server.mails) + UNDISTURBED, timeout=60)
            ended = time.time()

            # When one of them is killed, then the other one delivers everything, until it's back
            killed_at = time.time()
            installation.program(BACKENDS[0]).signal_all(signal.SIGKILL)
            smtp_server.wait_for(len(smtp_server.mails) + UNDISTURBED, timeout=60)

            # When there's one partition again, of which who sends the tasks hears first, then nobody consumes
            # the others
            installation.change({"fmn.delivery.partitions": 1})
            restart(installation, ["worker", *BACKENDS])
            wait_for_consumers(rabbitmq, further, 0)
            smtp_server.wait_for(len(smtp_server.mails) + 20, timeout=60)
        wait_until_done(database, len(published), timeout=120)

    # Then each mail came, and once, but for what was in doubt when one was killed
    letters = [letter(mail) for mail in smtp_server.mails]
    verdict = judge(expect(crowd, published, datetime.now(UTC)), letters)
    assert not verdict.missing
    assert not verdict.unexpected
    again = duplicates(letters)
    assert len(verdict.repeated) == len(again) <= BACKEND_THREADS
    assert all(mails[0].accepted_at <= killed_at + ACCEPTED_WITHIN for mails in again.values())
    # and while two delivered, everybody had theirs in order
    undisturbed = sent_while(installation, smtp_server.mails, began, ended)
    assert {partition_of(address, PARTITIONS) for address in undisturbed} == {*range(PARTITIONS)}
    assert undisturbed == {address: sorted(ids) for address, ids in undisturbed.items()}
