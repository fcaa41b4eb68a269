from __future__ import annotations

import time
from collections.abc import Iterator
from threading import Event
from typing import Any

import dramatiq
import pytest
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.brokers.stub import StubBroker

from fmn.infra.broker import enqueue, open_broker
from fmn.infra.queue_names import MATCH_QUEUE
from fmn.settings import BrokerSettings
from tests.factories.counters import counted
from tests.servers.ports import free_port
from tests.servers.waiting import wait_until

#: Milliseconds.
SOON = 20_000


@pytest.fixture
def memory() -> Iterator[StubBroker]:
    """The broker of one process, with its worker."""
    broker = open_broker(BrokerSettings(url="memory://"), {"email": 1})
    assert isinstance(broker, StubBroker)
    broker.emit_after("process_boot")
    worker = dramatiq.Worker(broker, worker_timeout=100, worker_threads=2)
    worker.start()
    yield broker
    worker.stop()
    broker.close()


def rabbitmq_parameters(url: str) -> Any:
    broker = open_broker(BrokerSettings(url=url), {"email": 1})
    assert isinstance(broker, RabbitmqBroker)
    return broker.parameters


class TestMemory:
    def test_runs_tasks_within_the_process(self, memory: StubBroker) -> None:
        done: list[list[int]] = []
        actor = dramatiq.actor(actor_name="match", queue_name=MATCH_QUEUE, broker=memory)(done.append)
        enqueue(actor, [1, 2])
        memory.join(MATCH_QUEUE, timeout=SOON)
        assert done == [[1, 2]]

    def test_tries_a_failed_task_again(self, memory: StubBroker) -> None:
        attempts: list[int] = []

        def fail_first(number: int) -> None:
            attempts.append(number)
            if len(attempts) == 1:
                raise ConnectionError("the database is away")

        actor = dramatiq.actor(
            actor_name="match", queue_name=MATCH_QUEUE, broker=memory, min_backoff=10)(fail_first)
        enqueue(actor, 7)
        memory.join(MATCH_QUEUE, timeout=SOON)
        assert attempts == [7, 7]

    def test_does_not_lose_a_task_whose_retry_cannot_be_enqueued(
        self, memory: StubBroker, monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        # Given a task that fails, and a broker that takes nothing any more when it's to be tried again
        def fail() -> None:
            monkeypatch.setattr(memory, "enqueue", refuse)
            raise ZeroDivisionError

        def refuse(*_: object, **__: object) -> None:
            raise ConnectionError("no room")

        actor = dramatiq.actor(actor_name="match", queue_name=MATCH_QUEUE, broker=memory)(fail)
        enqueue(actor)
        # Then it isn't acknowledged, but ends where dead tasks do
        memory.join(MATCH_QUEUE, timeout=SOON, fail_fast=False)
        assert [letter.actor_name for letter in memory.dead_letters] == ["match"]


class TestRabbitMQ:
    def test_confirms_what_it_publishes(self) -> None:
        broker = open_broker(BrokerSettings(url="amqp://127.0.0.1"), {"email": 1})
        assert isinstance(broker, RabbitmqBroker)
        assert broker.confirm_delivery

    def test_notices_processes_that_hang(self) -> None:
        parameters = rabbitmq_parameters("amqp://alice:s%2Fcret@rabbit.example.org:5673/fmn")
        assert (parameters.heartbeat, parameters.connection_attempts) == (15, 1)
        assert (parameters.host, parameters.port) == ("rabbit.example.org", 5673)
        assert (parameters.virtual_host, parameters.credentials.password) == ("fmn", "s/cret")

    def test_leaves_alone_what_the_url_says(self) -> None:
        parameters = rabbitmq_parameters("amqp://127.0.0.1/%2F?heartbeat=60&connection_attempts=7")
        assert (parameters.heartbeat, parameters.connection_attempts) == (60, 7)
        assert (parameters.virtual_host, parameters.socket_timeout) == ("/", 5)

    def test_connects_only_when_the_first_task_is_sent(self) -> None:
        broker = open_broker(BrokerSettings(url=f"amqp://127.0.0.1:{free_port()}"), {"email": 1})
        dramatiq.actor(actor_name="match", queue_name=MATCH_QUEUE, broker=broker)(lambda: None)


def test_a_hint_that_cannot_be_sent_is_counted() -> None:
    # Given a broker that is down
    broker = open_broker(BrokerSettings(url=f"amqp://127.0.0.1:{free_port()}"), {"email": 1})
    actor = dramatiq.actor(actor_name="hopeless", queue_name=MATCH_QUEUE, broker=broker)(lambda _ids: None)
    # When a task is sent
    begun = time.monotonic()
    enqueue(actor, [1])
    # Then that's over soon, and on record
    assert time.monotonic() - begun < 5
    assert counted("fmn_tasks_not_sent", actor="hopeless") == 1


class SilentBroker(StubBroker):
    """Takes tasks like RabbitMQ while a quorum queue recovers: without an answer, until it's let go."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = Event()

    def enqueue(self, message: dramatiq.Message[Any], *, delay: int | None = None) -> dramatiq.Message[Any]:
        if message.args == ("unanswered",):
            self.answers.wait()
        return super().enqueue(message, delay=delay)


class TestAQueueThatDoesNotAnswer:
    def test_holds_up_neither_who_sends_to_it_nor_other_queues(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("fmn.infra.broker.ENQUEUE_TIMEOUT", 0.2)
        broker = SilentBroker()
        act, other = actor_of(broker, "silent"), actor_of(broker, "other")
        before = counted("fmn_tasks_not_sent", actor="silent")

        # When RabbitMQ doesn't answer for one task
        enqueue(act, "unanswered")
        # Then whoever sends more doesn't wait, and other queues are served
        began = time.monotonic()
        for number in range(100):
            enqueue(act, number)
        enqueue(other, "meanwhile")
        assert time.monotonic() - began < 10  # waiting for each would take twice as long
        assert counted("fmn_tasks_not_sent", actor="silent") == before + 101
        assert [message.args for message in enqueued(broker, "other")] == [("meanwhile",)]

        # When it answers, then tasks are sent again
        broker.answers.set()
        wait_until(lambda: enqueued(broker, "silent"), 10, "the unanswered task isn't sent")
        wait_until(lambda: sends(act, broker), 10, "tasks aren't sent any more")


def actor_of(broker: StubBroker, name: str) -> dramatiq.Actor[[Any], None]:
    @dramatiq.actor(actor_name=name, queue_name=name, broker=broker)
    def act(_argument: Any) -> None:
        pass

    return act


def enqueued(broker: StubBroker, queue: str) -> list[dramatiq.Message[Any]]:
    return [dramatiq.Message.decode(data) for data in list(broker.queues[queue].queue)]


def sends(actor: dramatiq.Actor[[Any], None], broker: StubBroker) -> bool:
    enqueue(actor, "after")
    return any(message.args == ("after",) for message in enqueued(broker, actor.queue_name))
