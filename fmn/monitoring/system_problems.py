"""Problems of an installation, found in its status: a sentence each, with what to do. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from fmn.administration.pending_work import DeliveryBacklog
from fmn.administration.queues import Queue
from fmn.administration.restored_database import OTHER_DATABASE
from fmn.infra.backend_queues import first_partition
from fmn.infra.broker import queue_names
from fmn.monitoring import clock_skew
from fmn.monitoring.installation_metrics import age
from fmn.monitoring.system_status import LedgerStatus, Outage, SystemStatus
from fmn.settings import Settings
from fmn.sources.configured_sources import configured_sources
from fmn.text import join_series, pluralize

#: Seconds after which a message is overdue for matching, and a delivery for sending. Shorter delays are
#: caught up after a restart.
MATCHED_WITHIN: Final = 300
DELIVERED_WITHIN: Final = 900
#: Seconds without a sweep after which the leader counts as stuck.
SWEPT_WITHIN: Final = 120
#: Seconds without a message after which the bus counts as silent. Small projects sleep at night.
SILENT: Final = 12 * 3600
#: Seconds between a message's sending and receipt, above which messages count as late.
LATE: Final = 600
#: Failures of a channel for one reason within a day that are a problem of the installation, not of users.
SIMILAR_FAILURES: Final = 20
#: Seconds after which a channel that can't connect is a problem.
OUTAGE: Final = 60
#: Failed attempts at a backfill that count as a lasting problem.
FAILED_BACKFILLS: Final = 5
#: Messages an hour of which at least one should match a filter.
MATCHED_IN_VAIN: Final = 100
#: A directory counts as stale when it is so many refresh periods old.
STALE_DIRECTORY_FACTOR: Final = 4


def system_problems(state: SystemStatus, settings: Settings) -> Iterator[str]:
    """The problems, each with what to do."""
    yield from filter(None, (state.ledger_problem, state.queues_problem, state.cache_problem))
    if text := clock_skew.skew_warning(timedelta(seconds=state.clock_skew)):
        yield text
    if state.ledger is not None:
        yield from _of_bus(state.ledger, state, settings)
        yield from _of_ledger(state.ledger, state)
        for backlog in state.ledger.standing.backlogs:
            yield from _of_channel(backlog, state, settings)
        yield from _of_connections(state.ledger, state)
    if state.queues is not None:
        yield from _of_queues(state.queues, settings)
    allowed = STALE_DIRECTORY_FACTOR * timedelta(minutes=settings.directory.refresh_minutes)
    yield from state.catalog_problems
    if state.directory_fetched is not None and state.at - state.directory_fetched > allowed:
        yield (
            "the directory is out of date, so people get notifications about others' packages; "
            "see in the workers' log why it can't be fetched")


def _of_bus(ledger: LedgerStatus, state: SystemStatus, settings: Settings) -> Iterator[str]:
    sources = configured_sources(settings)
    if sources and ledger.newest is not None and age(ledger.newest, state.at) > SILENT:
        yield (
            f"nothing came from {join_series(sources)} for 12 hours; "
            "check that fmn consumer runs and reaches fmn.bus.endpoints or fmn.fedora_messaging.urls")
    elif ledger.lag > LATE and not ledger.missed:
        yield (
            "messages arrive late; see in the consumer's log whether it keeps up or backfills, "
            "and check the hosts' clocks")
    for missed in ledger.missed:
        if missed.failures >= FAILED_BACKFILLS:
            yield (
                f"{missed.source} doesn't return the messages missed since {missed.since:%Y-%m-%d %H:%M}: "
                f"{missed.reason}; fix the archive. FMN retries every hour")


def _of_ledger(ledger: LedgerStatus, state: SystemStatus) -> Iterator[str]:
    if ledger.unsettled_since is not None:
        yield f"since {ledger.unsettled_since:%Y-%m-%d %H:%M} UTC the database {OTHER_DATABASE}"
    if not ledger.leader:
        yield "no scheduler leads, so no periodic job runs; start fmn scheduler"
    elif ledger.swept is None or age(ledger.swept, state.at) > SWEPT_WITHIN:
        yield f"the leader, {ledger.leader}, starts no jobs; see its log, and restart it"
    if ledger.standing.quarantined:
        yield (
            f"{pluralize(ledger.standing.quarantined, 'message')} quarantined: processes died matching it; "
            "run fmn messages list, fix the cause, then run fmn messages requeue")
    if age(ledger.standing.unmatched_since, state.at) > MATCHED_WITHIN:
        yield (
            f"{pluralize(ledger.standing.unmatched, 'message')} overdue for matching; "
            "check that fmn worker runs, and its log for errors")
    for failed in ledger.failures:
        if failed.count >= SIMILAR_FAILURES:
            yield (
                f"{_deliveries(failed.count)} by {failed.context} failed within a day: {failed.reason}; "
                "fix the cause, then run fmn deliveries requeue")
    if ledger.matched >= MATCHED_IN_VAIN and not ledger.notified:
        yield (
            f"none of the last hour's {ledger.matched:,} messages matched any filter; "
            "check that the directory isn't empty and that people have filters")


def _of_channel(backlog: DeliveryBacklog, state: SystemStatus, settings: Settings) -> Iterator[str]:
    if backlog.context not in settings.delivery.channels:
        if backlog.due:
            yield (
                f"{_deliveries(backlog.due)} pending for {backlog.context}, which isn't in "
                f"fmn.delivery.channels; add it, or run fmn deliveries discard --waiting "
                f"--channel {backlog.context}")
    elif age(backlog.due_since, state.at) > DELIVERED_WITHIN:
        yield (
            f"{_deliveries(backlog.due)} by {backlog.context} overdue; check that "
            f"fmn backend {backlog.context} runs, and its log for errors of the server")


def _of_connections(ledger: LedgerStatus, state: SystemStatus) -> Iterator[str]:
    for outage in ledger.outages:
        if age(outage.since, state.at) >= OUTAGE:
            yield (
                f"the channel {outage.channel} can't connect since {outage.since:%Y-%m-%d %H:%M} UTC: "
                f"{outage.reason}; check the settings fmn.{_context_of(outage)}.*, or wait for the server")
    down = {_context_of(outage) for outage in ledger.outages}
    for retried in ledger.retries:
        if retried.count >= SIMILAR_FAILURES and retried.context not in down:
            yield (
                f"{_deliveries(retried.count)} by {retried.context} retried: {retried.reason}; "
                "fix the cause if it lasts. FMN goes on trying")


def _context_of(outage: Outage) -> str:
    """The context of a channel, or of the channel that it's a partition of."""
    return outage.channel.partition(".")[0]


def _of_queues(queues: Sequence[Queue], settings: Settings) -> Iterator[str]:
    # One that isn't there yet: nobody who'd take from it was ever started.
    expected = queue_names(settings.delivery.partition_counts)
    processes = dict.fromkeys(expected, 0) | {queue.name: queue.processes for queue in queues}
    for name, count in processes.items():
        if not count:
            yield f"no process consumes the queue {name}; start {_process(name)}"


def _process(queue: str) -> str:
    kind, _, channel = first_partition(queue).partition(".")
    return f"fmn {kind} {channel}" if channel else "fmn worker"


def _deliveries(count: int) -> str:
    return pluralize(count, "delivery", "deliveries")
