"""Message broker: RabbitMQ, or the memory of one process. Tasks carry ids of rows only.

Every process declares the same queues. A backend's queue is a quorum queue with a single active consumer and
a delivery limit, so a task that kills its process stops after a few deliveries; the sweep enqueues its rows
again. Publishing waits for RabbitMQ's confirmation, since a killed RabbitMQ loses unconfirmed tasks. A retry
that can't be enqueued fails its task instead of losing it.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from functools import cache, partial
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import dramatiq
import pika
import structlog
from dramatiq.brokers.rabbitmq import DEAD_MESSAGE_TTL, RabbitmqBroker
from dramatiq.brokers.stub import StubBroker
from dramatiq.common import dq_name, xq_name
from dramatiq.middleware import (
    AgeLimit,
    Callbacks,
    CurrentMessage,
    Middleware,
    Pipelines,
    Retries,
    ShutdownNotifications,
    SkipMessage,
    TimeLimit,
    TimeLimitExceeded,
)

from fmn.infra import metrics
from fmn.infra.backend_queues import backend_queue_arguments, backend_queues, expiry, first_partition
from fmn.infra.clock import utc_now
from fmn.infra.queue_handover import HandoverConsumer
from fmn.infra.queue_names import DIGESTS_QUEUE, MATCH_QUEUE
from fmn.settings import BrokerSettings

log = structlog.get_logger()

#: Name of the actor that matches messages, for processes that only send its tasks.
MATCH_ACTOR: Final = "match"

#: Milliseconds a task may run. RabbitMQ takes a task back from a consumer after 30 minutes.
TIME_LIMIT: Final = 10 * 60_000
#: Connection parameters, in seconds except for the attempts. RabbitMQ drops a process that hangs after two or
#: three heartbeats. Few attempts: Dramatiq retries by itself, and the sweep enqueues what wasn't sent, so no
#: process, least of all the consumer, waits for a broker that is down.
CONNECTION_PARAMETERS: Final = {
    "heartbeat": 15,
    "socket_timeout": 5,
    "stack_timeout": 5,
    "blocked_connection_timeout": 10,
    "connection_attempts": 1,
}


#: Option of a task: when it was first sent, in milliseconds since 1970 by the shared clock.
SENT_AT: Final = "sent_at"


#: Seconds to wait for RabbitMQ to confirm a task, which usually takes a millisecond.
ENQUEUE_TIMEOUT: Final = 2.0


#: Errors of a traceback that a task keeps, and frames of each.
MAX_ERRORS: Final = 5
MAX_FRAMES: Final = 30


class SafeRetries(Retries):
    """Retries middleware that fails a task which can't be enqueued again; Dramatiq's loses it."""

    def after_process_message(
        self, broker: dramatiq.Broker, message: Any, *, result: Any = None,
        exception: BaseException | None = None,
    ) -> None:
        try:
            super().after_process_message(  # type: ignore[no-untyped-call]
                broker, message, result=result, exception=exception)
        except Exception:
            message.fail()
            raise

    def before_enqueue(self, _broker: dramatiq.Broker, message: Any, _delay: int | None) -> None:
        """Store the traceback of a failed task without the errors' messages."""
        error = sys.exception()
        if "traceback" in message.options and error is not None:
            message.options["traceback"] = traceback_without_messages(error)


def traceback_without_messages(error: BaseException) -> str:
    """The traceback of an error and its causes without their messages, which may contain values."""
    found: list[str] = []
    told: BaseException | None = error
    while told is not None and len(found) < MAX_ERRORS:
        found.append("".join(traceback.format_tb(told.__traceback__, MAX_FRAMES)) + type(told).__qualname__)
        told = told.__cause__ or told.__context__
    return "\n\n".join(reversed(found))


class SharedClockAgeLimit(AgeLimit):
    """Middleware that drops tasks older than their actor's ``max_age``, by a clock that all processes share.

    Dramatiq's own compares the clocks of two hosts. Here a task records when it was first sent by ``now``,
    and its worker asks the same clock. A dropped task is no dead letter, since the sweep or the scheduler
    sends it again. While the clock is unavailable, tasks run whatever their age.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._now = now

    def before_enqueue(self, broker: dramatiq.Broker, message: Any, delay: int | None) -> None:
        """Record when a task is first sent; a retried one has its time already."""
        if SENT_AT not in message.options and (now := self._milliseconds()) is not None:
            message.options[SENT_AT] = now

    def before_process_message(self, broker: dramatiq.Broker, message: Any) -> None:
        """Skip a task that is too old, by :class:`SkipMessage`."""
        most = broker.get_actor(message.actor_name).options.get("max_age")
        sent_at = message.options.get(SENT_AT)
        if most is None or sent_at is None or (now := self._milliseconds()) is None:
            return
        if now - sent_at >= most:
            log.info("task dropped, it's too old", actor=message.actor_name, seconds=(now - sent_at) / 1000)
            raise SkipMessage("the task is too old")

    def _milliseconds(self) -> float | None:
        try:
            return self._now().timestamp() * 1000
        except Exception as error:  # noqa: BLE001 - the clock is the database's, which the broker doesn't know
            log.info("age of a task isn't known", error=type(error).__name__)
            return None


class ConfiguredQueuesBroker(RabbitmqBroker):
    """RabbitMQ broker that declares some queues with arguments of their own.

    Dramatiq has no option for that, hence the private method and the tight pin in ``setup.cfg``. Its delay
    queues need neither a single consumer nor a limit.
    """

    def __init__(self, *, queue_arguments: dict[str, dict[str, Any]], **options: Any) -> None:
        super().__init__(**options)
        self._queue_arguments = queue_arguments

    def arguments_by_queue(self, queue_name: str) -> dict[str, dict[str, Any]]:
        """The arguments of a queue and of Dramatiq's queues beside it, by queue name."""
        plain = self._build_queue_arguments(queue_name)
        return {
            queue_name: {**plain, **self._queue_arguments.get(queue_name, {})},
            dq_name(queue_name): plain,
            xq_name(first_partition(queue_name)): {"x-message-ttl": DEAD_MESSAGE_TTL},
        }

    def _build_queue_arguments(self, queue_name: str) -> dict[str, Any]:
        # Dead letters of all partitions are in one queue, which stays when their number changes.
        plain = super()._build_queue_arguments(first_partition(queue_name))  # type: ignore[no-untyped-call]
        return {**plain, **expiry(queue_name)}

    def _declare_xq_queue(self, queue_name: str) -> Any:
        return super()._declare_xq_queue(first_partition(queue_name))  # type: ignore[no-untyped-call]

    def count_processes(self, queue_names: Sequence[str]) -> dict[str, int]:
        """The number of processes that consume each of these queues, standbys included.

        RabbitMQ doesn't count the standbys of a quorum queue, but all processes consume its delay queue.
        Raises what pika does.
        """
        with pika.BlockingConnection(self.parameters) as connection:
            channel = connection.channel()
            return {
                name: channel.queue_declare(dq_name(name), passive=True).method.consumer_count
                for name in queue_names}

    @property
    def consumer_class(self) -> type[HandoverConsumer]:
        """The class of the consumers that a worker makes."""
        return HandoverConsumer

    def _declare_queue(self, queue_name: str) -> Any:
        arguments = self.arguments_by_queue(queue_name)[queue_name]
        return self.channel.queue_declare(queue=queue_name, durable=True, arguments=arguments)


def open_broker(
    settings: BrokerSettings, partitions: Mapping[str, int], now: Callable[[], datetime] = utc_now,
) -> dramatiq.Broker:
    """The broker of the settings. It connects when the first task is sent.

    ``partitions`` is their number by context. ``now`` is the clock of the tasks' age, the same one in all
    processes.
    """
    if settings.url == "memory://":
        return StubBroker(middleware=_middleware(now))
    return _rabbitmq(settings, partitions, now)


def queue_names(partitions: Mapping[str, int]) -> list[str]:
    """Names of the queues that tasks wait in, by the number of partitions of each context."""
    return [MATCH_QUEUE, DIGESTS_QUEUE, *backend_queues(partitions)]


def queue_declarations(settings: BrokerSettings, partitions: Mapping[str, int]) -> dict[str, dict[str, Any]]:
    """Every queue that FMN declares on RabbitMQ, with its arguments. Opens no connection."""
    names = queue_names(partitions)
    broker = _rabbitmq(settings, partitions, utc_now)
    return {
        queue: arguments for name in names for queue, arguments in broker.arguments_by_queue(name).items()}


def _rabbitmq(
    settings: BrokerSettings, partitions: Mapping[str, int], now: Callable[[], datetime],
) -> ConfiguredQueuesBroker:
    return ConfiguredQueuesBroker(
        url=_with_defaults(settings.url), confirm_delivery=True, middleware=_middleware(now),
        queue_arguments=backend_queue_arguments(partitions))


def _with_defaults(url: str) -> str:
    """The URL with our connection parameters, except those that it sets itself."""
    parts = urlsplit(url)
    given = dict(parse_qsl(parts.query))
    return urlunsplit(parts._replace(query=urlencode({**CONNECTION_PARAMETERS, **given})))


def _middleware(now: Callable[[], datetime]) -> list[Middleware]:
    return [
        SharedClockAgeLimit(now), TimeLimit(time_limit=TIME_LIMIT), ShutdownNotifications(), Callbacks(),
        Pipelines(),
        SafeRetries(max_retries=5, min_backoff=1_000, max_backoff=60_000), CurrentMessage(),
    ]


def previous_attempt_died() -> bool:
    """Whether an earlier run of the current task died with its process or exceeded its time limit."""
    task = CurrentMessage.get_current_message()
    if task is None:
        return False
    # RabbitMQ marks a redelivered task, and Dramatiq records its last error.
    last_error = task.options.get("traceback", "")
    return getattr(task, "redelivered", False) or TimeLimitExceeded.__name__ in last_error


class _Enqueuer:
    """Thread that sends the tasks of one queue, so that callers don't wait for a queue that accepts none.

    RabbitMQ may not answer a publisher for minutes, for example while a quorum queue recovers.
    """

    def __init__(self) -> None:
        self._tasks: SimpleQueue[tuple[Future[None], Callable[[], object]]] = SimpleQueue()
        self._sending_since: float | None = None
        Thread(target=self._run, name="enqueue", daemon=True).start()

    def send(self, send: Callable[[], object]) -> None:
        """Send a task.

        :raises TimeoutError: no answer within :data:`ENQUEUE_TIMEOUT`
        :raises Exception: whatever ``send`` raises
        """
        since = self._sending_since
        if since is not None and time.monotonic() - since > ENQUEUE_TIMEOUT:
            raise TimeoutError("the one before waits for its answer")
        sent: Future[None] = Future()
        self._tasks.put((sent, send))
        try:
            sent.result(ENQUEUE_TIMEOUT)
        finally:
            sent.cancel()

    def _run(self) -> None:
        while True:
            sent, send = self._tasks.get()
            if not sent.set_running_or_notify_cancel():
                continue
            self._sending_since = time.monotonic()
            try:
                send()
            except Exception as error:  # noqa: BLE001 - whoever waits for it raises it
                sent.set_exception(error)
            else:
                sent.set_result(None)
            self._sending_since = None


@cache
def _enqueuer(_queue_name: str) -> _Enqueuer:
    return _Enqueuer()


def enqueue(actor: dramatiq.Actor[..., Any], *arguments: Any) -> None:
    """Send a task that the sweep would send later anyway. Without a broker, log a warning and return.

    Takes :data:`ENQUEUE_TIMEOUT` at most. After a time-out, tasks are skipped until the broker answers.
    """
    try:
        _enqueuer(actor.queue_name).send(partial(actor.send, *arguments))
    except Exception as error:  # noqa: BLE001 - pika's and dramatiq's errors have nothing in common
        metrics.tasks_not_sent.labels(actor.actor_name).inc()
        log.warning("task not sent, the sweep will", actor=actor.actor_name, reason=repr(error))


def remote_actor(broker: dramatiq.Broker, name: str, queue: str) -> dramatiq.Actor[..., None]:
    """An actor that other processes run, for :func:`enqueue`: this one only sends its tasks."""
    @dramatiq.actor(actor_name=name, queue_name=queue, broker=broker)
    def elsewhere(*_arguments: object) -> None:
        raise NotImplementedError(f"{name} is a task of workers")

    return elsewhere
