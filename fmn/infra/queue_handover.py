"""Handover of queues with a single active consumer, so that processes share the partitions evenly.

RabbitMQ makes the first consumer of a queue the active one, so the first backend to start would have every
partition. Priorities of consumers would help, but RabbitMQ heeds them here from version 4.0 on only. Instead,
a process that is active for more than its share cancels a consumer and subscribes again: RabbitMQ activates
the one that has waited longest. Who is active stays RabbitMQ's decision.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from math import ceil
from threading import Event, Thread
from typing import Any, Final

import dramatiq
import structlog
from dramatiq.brokers.rabbitmq import _RabbitmqConsumer
from dramatiq.errors import ConnectionClosed
from dramatiq.middleware import Middleware
from pika.exceptions import AMQPError

log = structlog.get_logger()

#: Seconds between two looks at who has more than their share.
BALANCE_SECONDS: Final = 10.0
#: Seconds since its last task for which a consumer counts as the active one. The scheduler sends a task to
#: each backend's queue every 30 seconds.
ACTIVE_WITHIN: Final = 45.0
#: Seconds that the tasks a process still has of a queue it handed over get, and between two looks at them.
DRAIN_SECONDS: Final = 60.0
_LOOK: Final = 0.1

#: The number of processes that consume each of some queues, standbys included.
CountProcesses = Callable[[Sequence[str]], Mapping[str, int]]


class HandoverConsumer(_RabbitmqConsumer):
    """A consumer that knows since when it's the active one of its queue, and can hand over to the next.

    Dramatiq's own has no means for that, hence the private class and the tight pin in ``setup.cfg``. It also
    leaves its connection open where RabbitMQ has closed the channel, as it does if the queue is gone.
    """

    def __init__(self, broker: dramatiq.Broker, queue_name: str, prefetch: int, timeout: int) -> None:
        super().__init__(broker, queue_name, prefetch, timeout)  # type: ignore[no-untyped-call]
        self._timeout = timeout / 1000
        self._handing_over = False
        self._since = self._received_at = -ACTIVE_WITHIN

    def close(self) -> None:
        """Acknowledge what is done, and close the connection. Raises :class:`ConnectionClosed`."""
        try:
            super().close()  # type: ignore[no-untyped-call]
        finally:
            if self.connection.is_open:
                with suppress(AMQPError, OSError):  # it's lost
                    self.connection.close()

    @property
    def active_since(self) -> float | None:
        """When it became active, in seconds of the monotonic clock; ``None`` if it isn't, or has no tasks."""
        is_active = time.monotonic() - self._received_at < ACTIVE_WITHIN and not self._handing_over
        return self._since if is_active else None

    @property
    def is_handing_over(self) -> bool:
        """Whether it was told to hand over, and hasn't or still holds tasks that aren't acknowledged."""
        return self._handing_over or bool(self.known_tags)

    def hand_over(self) -> None:
        """Let the consumer that has waited longest become the active one, and wait behind all others.

        Tasks that were received stay ours. It happens soon, in the consumer's own thread.
        """
        self._handing_over = True

    def __next__(self) -> Any:
        if self._handing_over:
            self._subscribe_again()
        message = super().__next__()  # type: ignore[no-untyped-call]
        if message is not None:
            now = time.monotonic()
            if now - self._received_at >= ACTIVE_WITHIN:
                self._since = now
            self._received_at = now
        return message

    def _subscribe_again(self) -> None:
        try:
            self.channel.cancel()
            self.iterator = self.channel.consume(self.queue_name, inactivity_timeout=self._timeout)
        except AMQPError as error:
            raise ConnectionClosed(error) from None  # type: ignore[no-untyped-call]
        self._received_at = -ACTIVE_WITHIN
        self._handing_over = False


def surplus(active: Mapping[str, float], processes: Mapping[str, int]) -> Sequence[str]:
    """The queues that a process has beyond its share, the latest that it became active for first.

    ``active`` are the partitions of a context that it's active for, and since when; ``processes`` is how many
    consume each of all its partitions. A queue that nobody else consumes stays.
    """
    share = ceil(sum(Fraction(1, max(count, 1)) for count in processes.values()))
    others_want = [
        queue for queue in sorted(active, key=lambda queue: -active[queue]) if processes[queue] > 1]
    return others_want[:max(0, len(active) - share)]


class PartitionBalancer(Middleware):
    """Dramatiq middleware by which a worker hands over the partitions beyond its share.

    ``queues`` are the queues of each context. ``on_handover`` is called once the worker has no task of a
    queue any more that it handed over.
    """

    def __init__(
        self, queues: Sequence[Sequence[str]], count_processes: CountProcesses,
        on_handover: Callable[[str], object],
    ) -> None:
        self._contexts = [names for names in queues if len(names) > 1]
        self._count_processes = count_processes
        self._on_handover = on_handover
        self._over = Event()

    def after_worker_boot(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        """Start the thread that balances, if the worker consumes queues of several partitions."""
        if any(names[0] in worker.consumers for names in self._contexts):
            Thread(target=self._run, args=[worker], name="partitions", daemon=True).start()

    def before_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        """Stop the thread."""
        self._over.set()

    def _run(self, worker: dramatiq.Worker) -> None:
        while not self._over.wait(BALANCE_SECONDS):
            try:
                self.balance(worker)
            except Exception as error:  # noqa: BLE001 - RabbitMQ is away, or what a channel raises
                log.warning("partitions not balanced", reason=repr(error))

    def balance(self, worker: dramatiq.Worker) -> None:
        """Hand over what is beyond this process's share. Raises what pika does."""
        for names in self._contexts:
            consumers = dict(_consumers(worker, names))
            active = {
                name: since for name, each in consumers.items() if (since := each.active_since) is not None}
            # One is never too much: no need to ask.
            if len(active) > 1:
                for name in surplus(active, self._count_processes(names)):
                    self._hand_over(name, consumers[name])

    def _hand_over(self, name: str, consumer: HandoverConsumer) -> None:
        consumer.hand_over()
        log.info("partition handed over", queue=name)
        latest = time.monotonic() + DRAIN_SECONDS
        while consumer.is_handing_over and time.monotonic() < latest and not self._over.wait(_LOOK):
            pass
        self._on_handover(name)


def _consumers(worker: dramatiq.Worker, names: Sequence[str]) -> Iterator[tuple[str, HandoverConsumer]]:
    for name in names:
        thread = worker.consumers.get(name)
        if thread is not None and isinstance(consumer := thread.consumer, HandoverConsumer):
            yield name, consumer
