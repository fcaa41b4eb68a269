"""Dramatiq actors, the workers' entry point: ``dramatiq fmn.actors``.

Each actor reads its arguments and calls one function of a package. Tasks carry ids, never content. A task may
come late, twice, out of order or never: the outcome is the same.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from itertools import starmap
from typing import Final

import dramatiq

from fmn.administration.channel_outages import note_outage
from fmn.administration.retention import delete_expired
from fmn.catalog.current import log_catalog_problems
from fmn.channels import KEEP_CONNECTED_FOR, channel_type, in_partition, keep_connected_job
from fmn.digests.closing import close_due_digests
from fmn.filters.rule_types import rule_types
from fmn.filters.snoozes import end_due_snoozes
from fmn.infra.backend_queues import backend_queue, backend_queues, by_partition
from fmn.infra.broker import (
    TIME_LIMIT,
    ConfiguredQueuesBroker,
    enqueue,
    open_broker,
    previous_attempt_died,
)
from fmn.infra.garbage_collection import exempt_imports
from fmn.infra.logs import configure_logging
from fmn.infra.queue_handover import PartitionBalancer
from fmn.infra.queue_names import DIGESTS_QUEUE, MATCH_QUEUE
from fmn.ledger.deliveries import destinations, enqueue_due
from fmn.ledger.figures.counting import count_ledger, record_highest
from fmn.ledger.messages import enqueue_unmatched
from fmn.ledger.quarantine import enqueue_isolated
from fmn.monitoring.process_endpoints import EndpointMiddleware
from fmn.monitoring.task_metrics import TaskMetricsMiddleware
from fmn.monitoring.waiting_work import waiting_work
from fmn.people.accounts import add_missing_preferences
from fmn.wiring import services

configure_logging(services().settings.log)
CONTEXTS: Final = services().contexts
PARTITIONS: Final = services().partitions
broker = open_broker(services().settings.broker, PARTITIONS, services().database.now)
broker.add_middleware(TaskMetricsMiddleware())
broker.add_middleware(EndpointMiddleware(services()))
dramatiq.set_broker(broker)
# Whoever can't tell what messages mean, because an application that a package adds is broken, refuses to
# start: people would get less than they asked for.
rule_types()
log_catalog_problems()

#: A chunk may wait this long (milliseconds) for its database to come back, rather than send a mail twice.
DELIVER_TIME_LIMIT: Final = 25 * 60_000
#: Tasks that the sweep or the clock sends again anyway are dropped at this age (milliseconds, by the clock of
#: the database): while nobody works on a queue they pile up.
MAX_AGE: Final = 10 * 60_000
#: Rows that one sweep takes up: enough to catch up quickly, little enough to stay one short transaction.
SWEEP_LIMIT: Final = 5_000
#: Accounts completed in one transaction.
AT_ONCE: Final = 1_000


@dramatiq.actor(queue_name=MATCH_QUEUE, broker=broker, time_limit=TIME_LIMIT)
def match(message_ids: list[int]) -> None:
    """Match messages of the ledger, and enqueue the deliveries to send immediately."""
    matcher = services().batch_matcher
    (matcher.match_one_by_one if previous_attempt_died() else matcher.match)(message_ids, send_deliveries)


@dramatiq.actor(queue_name=MATCH_QUEUE, broker=broker, time_limit=TIME_LIMIT)
def match_one_by_one(message_ids: list[int]) -> None:
    """Match quarantine candidates, messages whose last process may have died of them, one at a time."""
    services().batch_matcher.match_one_by_one(message_ids, send_deliveries)


def _deliver_actor(context: str, partition: int) -> dramatiq.Actor[[list[int]], None]:
    @dramatiq.actor(
        actor_name=in_partition(f"deliver_{context}", partition),
        queue_name=backend_queue(context, partition), broker=broker,
        time_limit=DELIVER_TIME_LIMIT, max_age=MAX_AGE)
    def deliver(delivery_ids: list[int]) -> None:
        services().backend.deliver(services().channel_name(context, partition), delivery_ids)

    return deliver


def _each_partition() -> Iterator[tuple[str, int]]:
    """Each partition of each context."""
    return ((context, partition) for context, count in PARTITIONS.items() for partition in range(count))


#: The actor of each partition, by context.
DELIVER: Final[Mapping[str, Sequence[dramatiq.Actor[[list[int]], None]]]] = {
    context: [_deliver_actor(context, partition) for partition in range(count)]
    for context, count in PARTITIONS.items()
}


def _keep_connected_actor(context: str, partition: int) -> dramatiq.Actor[[], None]:
    @dramatiq.actor(
        actor_name=keep_connected_job(context, partition), queue_name=backend_queue(context, partition),
        broker=broker, max_age=KEEP_CONNECTED_FOR * 1_000, max_retries=0)
    def keep_connected() -> None:
        # Whoever gets this is the queue's active consumer, which shows. Some channels stay connected by it.
        if channel_type(context).persistent:
            channel = services().persistent_channel(context, partition)
            channel.keep_connected(time.monotonic() + KEEP_CONNECTED_FOR)
            note_outage(
                services().database, services().channel_name(context, partition), channel.outage(),
                services().database.now())

    return keep_connected


def _disconnect(queue: str) -> None:
    """Disconnect a persistent channel after its partition was handed over to another process."""
    for context, partition in _each_partition():
        if backend_queue(context, partition) == queue and channel_type(context).persistent:
            services().channels[services().channel_name(context, partition)].close()


if isinstance(broker, ConfiguredQueuesBroker):
    broker.add_middleware(PartitionBalancer(
        [[*backend_queues({context: count})] for context, count in PARTITIONS.items()],
        broker.count_processes, _disconnect))


@dramatiq.actor(queue_name=DIGESTS_QUEUE, broker=broker, max_age=MAX_AGE)
def digests() -> None:
    """Close digests that are due, and enqueue their deliveries."""
    settings = services().settings
    send_deliveries(close_due_digests(
        services().database, services().database.now(), settings.digest.max_messages, settings.flood))


@dramatiq.actor(queue_name=MATCH_QUEUE, broker=broker, max_age=MAX_AGE)
def sweep() -> None:
    """Enqueue pending work without a task: unmatched messages, due retries, expired claims."""
    now, grace = services().database.now(), timedelta(seconds=services().settings.sweep.grace_seconds)
    with services().database.transaction() as session:
        unmatched = enqueue_unmatched(session, now, grace, SWEEP_LIMIT)
        isolated = enqueue_isolated(session, now, grace, SWEEP_LIMIT)
    _send_messages(match, unmatched)
    _send_messages(match_one_by_one, isolated)
    for context in CONTEXTS:
        with services().database.transaction() as session:
            due = enqueue_due(session, context, now, grace, SWEEP_LIMIT)
        send_deliveries({context: due})


def requeue_unmatched() -> None:
    """Enqueue the messages that an embedded broker lost when its process ended.

    That process may have died of one of them, so they are matched one at a time.
    """
    now = services().database.now()
    with services().database.transaction() as session:
        left = enqueue_unmatched(session, now, timedelta(), SWEEP_LIMIT)
    _send_messages(match_one_by_one, left)


def _send_messages(actor: dramatiq.Actor[[list[int]], None], ids: Sequence[int]) -> None:
    for chunk in _chunks(ids, services().settings.bus.batch_messages):
        enqueue(actor, chunk)


@dramatiq.actor(queue_name=DIGESTS_QUEUE, broker=broker, max_retries=0)
def refresh_directory() -> None:
    """Refresh the directory of people and packages from its sources."""
    services().directory.refresh()


@dramatiq.actor(queue_name=DIGESTS_QUEUE, broker=broker, max_retries=0, max_age=MAX_AGE)
def refresh_changed_directory() -> None:
    """Refresh the directory if a bus message reported a change."""
    services().directory.refresh_if_requested()


@dramatiq.actor(queue_name=DIGESTS_QUEUE, broker=broker, max_retries=0, max_age=MAX_AGE)
def catch_up() -> None:
    """Backfill missed messages from their sources, for a limited time."""
    services().backfill_worker(partial(enqueue, match)).run()


@dramatiq.actor(queue_name=DIGESTS_QUEUE, broker=broker)
def prune_history() -> None:
    """Delete messages, notifications and deliveries that are past their retention, and expired rows."""
    delete_expired(services().database, services().settings.history, services().database.now())


@dramatiq.actor(queue_name=DIGESTS_QUEUE, broker=broker, max_age=MAX_AGE)
def count_figures() -> None:
    """Count what is new in the ledger for charts, and record how much waits."""
    count_ledger(services().database, services().database.now())
    record_highest(services().database, waiting_work(services()), services().database.now())


@dramatiq.actor(queue_name=DIGESTS_QUEUE, broker=broker, max_age=MAX_AGE)
def offer_channels() -> None:
    """Add missing preferences: every account has one for each channel, also for a new channel."""
    completed = AT_ONCE
    while completed == AT_ONCE:
        with services().database.transaction() as session:
            completed = add_missing_preferences(session, CONTEXTS, AT_ONCE)


@dramatiq.actor(queue_name=DIGESTS_QUEUE, broker=broker, max_age=MAX_AGE)
def wake_filters() -> None:
    """Switch on filters whose snooze has ended."""
    woken = True
    while woken:
        with services().database.transaction() as session:
            woken = bool(end_due_snoozes(session, services().database.now()))


PERIODIC: Final[Mapping[str, dramatiq.Actor[[], None]]] = {
    actor.actor_name: actor
    for actor in (
        sweep, digests, wake_filters, offer_channels, refresh_directory, refresh_changed_directory,
        catch_up, prune_history, count_figures,
        *starmap(_keep_connected_actor, _each_partition()))
}


def send_deliveries(by_context: Mapping[str, Sequence[int]]) -> None:
    """Enqueue deliveries in chunks of ``fmn.delivery.chunk``, each for one partition.

    Deliveries of a context without a channel stay pending until it has one.
    """
    for context, ids in by_context.items():
        if context not in DELIVER:
            continue
        for partition, share in _by_partition(ids, PARTITIONS[context]).items():
            for chunk in _chunks(share, services().settings.delivery.chunk):
                enqueue(DELIVER[context][partition], chunk)


def _by_partition(ids: Sequence[int], count: int) -> Mapping[int, Sequence[int]]:
    """Deliveries by the partition of their destination, in the given order."""
    if count == 1:
        return {0: ids}
    with services().database.reading() as session:
        return by_partition(destinations(session, ids), count)


def _chunks(ids: Sequence[int], size: int) -> list[list[int]]:
    return [list(ids[start:start + size]) for start in range(0, len(ids), size)]


exempt_imports()
