"""The broker on a real RabbitMQ."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from functools import partial
from threading import Event
from typing import Any

import dramatiq
import pika
import pytest
from dramatiq.brokers.rabbitmq import RabbitmqBroker

from fmn.infra.broker import enqueue, open_broker, previous_attempt_died
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.infra.queue_names import MATCH_QUEUE
from fmn.settings import BrokerSettings, Settings, WebSettings
from fmn.wiring import Services
from tests.factories.clocks import Clock
from tests.factories.counters import counted
from tests.servers.rabbitmq import RabbitMQ
from tests.servers.waiting import wait_until

SOON = 20


class Process:
    """What each process has: the broker, and the same actors."""

    def __init__(self, url: str, now: Callable[[], datetime] = utc_now) -> None:
        broker = open_broker(BrokerSettings(url=url), {"email": 1}, now)
        assert isinstance(broker, RabbitmqBroker)
        self.broker = broker
        self.matched: list[Any] = []
        self.delivered: list[Any] = []
        self.match = self.actor("match", MATCH_QUEUE, self.matched.append)
        self.deliver = self.actor("deliver_email", "backend.email", self.delivered.append)

    def actor(
        self, name: str, queue: str, act: Callable[[Any], None], **options: Any,
    ) -> dramatiq.Actor[[Any], None]:
        return dramatiq.actor(actor_name=name, queue_name=queue, broker=self.broker, **options)(act)

    @contextmanager
    def working(self, *queues: str) -> Iterator[None]:
        """With a worker for these queues."""
        self.broker.emit_after("process_boot")
        worker = dramatiq.Worker(self.broker, queues=set(queues), worker_timeout=100, worker_threads=1)
        worker.start()
        try:
            yield
        finally:
            worker.stop()


@pytest.fixture
def make_process(rabbitmq: RabbitMQ) -> Iterator[Callable[[], Process]]:
    processes: list[Process] = []

    def make() -> Process:
        processes.append(Process(rabbitmq.url))
        return processes[-1]

    yield make
    for process in processes:
        process.broker.flush_all()
        process.broker.close()


def test_a_process_without_actors_sends_the_tasks_of_workers(
    rabbitmq: RabbitMQ, make_process: Callable[[], Process],
) -> None:
    # Given a web process, which has stored two messages
    web = Services(Settings(broker=BrokerSettings(url=rabbitmq.url), web=WebSettings(secret="of the tests")))
    web.database = Database("sqlite://")

    web.enqueue_match([1, 2])

    # Then a worker matches them
    worker = make_process()
    with worker.working(MATCH_QUEUE):
        wait_until(lambda: worker.matched == [[1, 2]], SOON, "no task")
    assert isinstance(web.enqueue_match, partial)
    web.enqueue_match.args[0].broker.close()
    web.database.close()


def test_declares_each_queue_with_its_arguments(
    rabbitmq: RabbitMQ, make_process: Callable[[], Process],
) -> None:
    # Given tasks that were sent for a worker and for a backend
    process = make_process()
    enqueue(process.match, [1])
    enqueue(process.deliver, [2])
    # Then RabbitMQ has a queue with one active consumer for the backend
    queues = rabbitmq.list_queues()
    dead = {"x-dead-letter-exchange": ""}
    assert queues["backend.email"].arguments == {
        **dead, "x-dead-letter-routing-key": "backend.email.XQ", "x-single-active-consumer": True,
        "x-queue-type": "quorum", "x-delivery-limit": 5}
    # and plain ones for everything else
    assert queues["match"].arguments == {**dead, "x-dead-letter-routing-key": "match.XQ"}
    assert queues["backend.email.DQ"].arguments == {**dead, "x-dead-letter-routing-key": "backend.email.XQ"}
    assert queues["backend.email.XQ"].arguments.keys() == {"x-message-ttl"}


def test_tasks_reach_the_process_that_works_on_their_queue(make_process: Callable[[], Process]) -> None:
    producer, worker, backend = make_process(), make_process(), make_process()
    with worker.working("match"), backend.working("backend.email"):
        enqueue(producer.match, [1, 2])
        enqueue(producer.deliver, [3])
        wait_until(lambda: worker.matched and backend.delivered, SOON, "tasks don't arrive")
    assert (worker.matched, worker.delivered) == ([[1, 2]], [])
    assert (backend.matched, backend.delivered) == ([], [[3]])


def test_a_task_knows_that_whoever_had_it_died(
    rabbitmq: RabbitMQ, make_process: Callable[[], Process],
) -> None:
    # Given two tasks, one of which somebody had who lost the connection before it was done
    process, badly = make_process(), dict[Any, bool]()
    look = process.actor("look", MATCH_QUEUE, lambda task: badly.update({task: previous_attempt_died()}))
    enqueue(look, "died")
    with closing(pika.BlockingConnection(pika.URLParameters(rabbitmq.url))) as connection:
        channel = connection.channel()
        wait_until(lambda: channel.basic_get(MATCH_QUEUE)[0], SOON, "the task doesn't arrive")
    enqueue(look, "fresh")
    # When they come to us, then we can tell
    with process.working("match"):
        wait_until(lambda: len(badly) == 2, SOON, "tasks don't arrive")
    assert badly == {"died": True, "fresh": False}


def test_a_task_knows_that_it_took_too_long(make_process: Callable[[], Process]) -> None:
    # Given a task that waits for something that never happens, unless it did so before
    badly: list[bool] = []

    def act(_task: Any) -> None:
        badly.append(previous_attempt_died())
        while not badly[-1]:
            time.sleep(0.01)

    process = make_process()
    enqueue(process.actor("linger", MATCH_QUEUE, act, time_limit=200, min_backoff=1), "too long")
    with process.working("match"):
        wait_until(lambda: len(badly) == 2, SOON, "it isn't tried again")
    assert badly == [False, True]


def test_one_of_two_backends_works_and_the_other_takes_over(make_process: Callable[[], Process]) -> None:
    # Given a backend that works, and another one that came later
    producer, first, second = make_process(), make_process(), make_process()
    with ExitStack() as active, ExitStack() as standby:
        active.enter_context(first.working("backend.email"))
        enqueue(producer.deliver, "first")
        wait_until(lambda: first.delivered, SOON, "nobody works")
        standby.enter_context(second.working("backend.email"))
        # When tasks come, then they all go to the one that was there first
        for number in range(20):
            enqueue(producer.deliver, number)
        wait_until(lambda: len(first.delivered) == 21, SOON, "tasks don't arrive")
        assert second.delivered == []
        # When that one stops, then the other one takes over
        active.close()
        enqueue(producer.deliver, "next")
        wait_until(lambda: second.delivered, SOON, "nobody took over")


def test_a_retry_that_cannot_be_enqueued_is_not_lost(
    rabbitmq: RabbitMQ, make_process: Callable[[], Process],
) -> None:
    # Given a task that fails, and a delay queue that takes nothing
    process = make_process()
    failed = Event()

    def fail(_ids: Any) -> None:
        failed.set()
        raise ZeroDivisionError

    process.broker.actors.clear()
    hopeless = process.actor("match", MATCH_QUEUE, fail)
    rabbitmq.set_policy("full", r"match\.DQ", {"max-length": 0, "overflow": "reject-publish"})
    try:
        with process.working("match"):
            enqueue(hopeless, [1])
            assert failed.wait(SOON)
            # Then it's kept among the dead ones
            wait_until(lambda: dead(process) == 1, SOON, "the task is gone")
    finally:
        rabbitmq.clear_policy("full")


def test_what_hosts_clocks_say_drops_no_task(make_process: Callable[[], Process]) -> None:
    # Given tasks that grow old in ten minutes, of hosts whose clocks are eleven minutes behind, and ahead
    process = make_process()
    done: list[Any] = []
    act = process.actor("sweep", MATCH_QUEUE, done.append, max_age=600_000)
    now = int(time.time() * 1000)
    for skew in (-660_000, 660_000):
        process.broker.enqueue(act.message(skew).copy(message_timestamp=now + skew))
    # When somebody works on them, then they're done
    with process.working("match"):
        wait_until(lambda: sorted(done) == [-660_000, 660_000], SOON, "they were dropped")
    assert dead(process) == 0


def test_a_task_that_is_too_old_by_the_clock_that_all_share_is_dropped_for_good(rabbitmq: RabbitMQ) -> None:
    # Given a task that waited for eleven minutes, and one that was just sent
    clock = Clock()
    process = Process(rabbitmq.url, clock)
    with closing(process.broker):
        done: list[Any] = []
        act = process.actor("sweep", MATCH_QUEUE, done.append, max_age=600_000)
        enqueue(act, "old")
        clock.turn(minutes=11)
        enqueue(act, "new")
        # When somebody works again, then that one is done alone
        with process.working("match"):
            wait_until(lambda: bool(done), SOON, "nothing is done")
        assert done == ["new"]
        # And the other one isn't kept with what failed
        assert dead(process) == 0
        process.broker.flush_all()


def dead(process: Process) -> int:
    declared = process.broker.channel.queue_declare("match.XQ", passive=True)
    count: int = declared.method.message_count
    return count


def test_hints_go_on_when_rabbitmq_is_back(rabbitmq: RabbitMQ, make_process: Callable[[], Process]) -> None:
    # Given a process that has sent tasks
    producer, worker = make_process(), make_process()
    enqueue(producer.match, "before")
    before = counted("fmn_tasks_not_sent", actor="match")
    with worker.working("match"):
        wait_until(lambda: worker.matched, SOON, "tasks don't arrive")
        # When RabbitMQ is away, then tasks are counted as not sent
        try:
            rabbitmq.kill()
            enqueue(producer.match, "meanwhile")
        finally:
            rabbitmq.wipe()
        assert counted("fmn_tasks_not_sent", actor="match") == before + 1
        # When it's back with nothing left, then they arrive again, since queues are declared anew
        enqueue(producer.match, "after")
        wait_until(lambda: len(worker.matched) == 2, SOON, "tasks don't arrive any more")
    assert worker.matched == ["before", "after"]
