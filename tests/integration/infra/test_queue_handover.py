"""Processes share the partitions of a channel on a real RabbitMQ."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Final

import dramatiq
import pytest
from dramatiq.errors import ConnectionClosed

from fmn.infra.backend_queues import EXPIRES, backend_queue
from fmn.infra.broker import ConfiguredQueuesBroker, enqueue, open_broker
from fmn.infra.queue_handover import HandoverConsumer, PartitionBalancer
from fmn.settings import BrokerSettings
from tests.servers.rabbitmq import RabbitMQ
from tests.servers.waiting import wait_until

SOON = 20
#: A context that no other test has, and its queues.
CONTEXT, PARTITIONS = "partitioned", 3
QUEUES: Final = [backend_queue(CONTEXT, partition) for partition in range(PARTITIONS)]


class Backend:
    """A backend process: its broker, an actor for each partition, and what they did."""

    def __init__(self, url: str) -> None:
        broker = open_broker(BrokerSettings(url=url), {CONTEXT: PARTITIONS})
        assert isinstance(broker, ConfiguredQueuesBroker)
        self.broker = broker
        self.done: list[tuple[str, int]] = []
        self.left: list[str] = []
        self.balancer = PartitionBalancer([QUEUES], broker.count_processes, self.left.append)
        self.actors = {queue: self._actor(queue) for queue in QUEUES}
        self.worker = dramatiq.Worker(broker, worker_timeout=50, worker_threads=1)

    def _actor(self, queue: str) -> dramatiq.Actor[[int], None]:
        def note(number: int) -> None:
            self.done.append((queue, number))

        return dramatiq.actor(actor_name=f"deliver on {queue}", queue_name=queue, broker=self.broker)(note)

    @contextmanager
    def working(self) -> Iterator[None]:
        """With its worker."""
        self.broker.emit_after("process_boot")
        self.worker.start()
        try:
            yield
        finally:
            self.worker.stop()

    @property
    def active(self) -> set[str]:
        """The queues whose tasks it had."""
        return {queue for queue, _ in self.done}


@pytest.fixture
def make_backend(rabbitmq: RabbitMQ) -> Iterator[Callable[[], Backend]]:
    made: list[Backend] = []

    def make() -> Backend:
        made.append(Backend(rabbitmq.url))
        return made[-1]

    yield make
    for backend in made:
        backend.broker.flush_all()
        backend.broker.close()


def test_a_further_partition_shares_dead_letters_and_ends_unused(
    rabbitmq: RabbitMQ, make_backend: Callable[[], Backend],
) -> None:
    backend = make_backend()
    enqueue(backend.actors[QUEUES[1]], 1)
    queues = rabbitmq.list_queues()
    dead = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": f"{QUEUES[0]}.XQ"}
    assert queues[QUEUES[1]].arguments == {
        **dead, "x-single-active-consumer": True, "x-queue-type": "quorum", "x-delivery-limit": 5,
        "x-expires": EXPIRES}
    assert queues[f"{QUEUES[1]}.DQ"].arguments == {**dead, "x-expires": EXPIRES}
    assert f"{QUEUES[0]}.XQ" in queues
    assert f"{QUEUES[1]}.XQ" not in queues


def test_a_consumer_whose_queue_is_gone_keeps_no_connection(make_backend: Callable[[], Backend]) -> None:
    # Given a consumer whose queue somebody deleted before it subscribed
    broker = make_backend().broker
    consumer = broker.consume(QUEUES[2])
    assert isinstance(consumer, HandoverConsumer)
    broker.channel.queue_delete(QUEUES[2])
    with pytest.raises(ConnectionClosed, match="NOT_FOUND"):
        next(consumer)
    # When it's closed, as a worker does before it tries again
    with suppress(ConnectionClosed):
        consumer.close()
    # Then RabbitMQ has one connection less
    assert consumer.connection.is_closed


def test_processes_share_the_partitions_and_take_over_all_of_them(
    make_backend: Callable[[], Backend],
) -> None:
    first, second, producer = make_backend(), make_backend(), make_backend()
    sent: list[int] = []

    def send() -> None:
        for queue in QUEUES:
            enqueue(producer.actors[queue], len(sent))
        sent.append(len(sent))

    def all_done() -> bool:
        return len(first.done) + len(second.done) == len(sent) * PARTITIONS

    with ExitStack() as ends_first, second_working(ends_first, first, second):
        # Given two backends, the first of which is active for everything, since it came first
        send()
        wait_until(all_done, SOON, "tasks aren't done")
        assert first.active == {*QUEUES}
        assert second.active == set()

        # When they look at who has how much
        second.balancer.balance(second.worker)
        first.balancer.balance(first.worker)
        wait_until(lambda: len(first.left) == 1, SOON, "nothing was handed over")
        first.done.clear()
        sent.clear()
        for _ in range(20):
            send()
        wait_until(all_done, SOON, "tasks aren't done")

        # Then each has its share, in order, and they leave it at that
        assert (len(first.active), len(second.active)) == (2, 1)
        assert first.active | second.active == {*QUEUES}
        for queue in QUEUES:
            assert [number for each, number in (*first.done, *second.done) if each == queue] == [*range(20)]
        first.balancer.balance(first.worker)
        second.balancer.balance(second.worker)
        assert (len(first.left), second.left) == (1, [])

        # When the first one ends, then the other one takes everything over
        ends_first.close()
        send()
        wait_until(all_done, SOON, "tasks aren't done")
        assert second.active == {*QUEUES}


@contextmanager
def second_working(ends_first: ExitStack, first: Backend, second: Backend) -> Iterator[None]:
    """With both at work, the first of which came first."""
    ends_first.enter_context(first.working())
    counts = first.broker.count_processes
    wait_until(lambda: known(counts, 1), SOON, "the first doesn't consume")
    with second.working():
        wait_until(lambda: known(counts, 2), SOON, "the second doesn't consume")
        yield


def known(counts: Callable[[list[str]], dict[str, int]], processes: int) -> bool:
    """Whether each queue is consumed by so many processes."""
    try:
        return set(counts(QUEUES).values()) == {processes}
    except Exception:  # noqa: BLE001 - a queue isn't there yet
        return False
