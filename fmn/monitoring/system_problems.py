"""Problems of an installation, found in its status: a sentence each, with what to do. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from fmn.administration.pending_work import DeliveryBacklog
from fmn.administration.queues import Queue
from fmn.administration.restored_database import OTHER_DATABASE
from fmn.infra.backend_queues import first_partition
from fmn.infra.broker import queue_names
from fmn.ledger.reasons import reason_text
from fmn.localized import number_text, series
from fmn.monitoring import clock_skew
from fmn.monitoring.installation_metrics import age
from fmn.monitoring.system_status import LedgerStatus, Outage, SystemStatus
from fmn.settings import Settings
from fmn.sources.configured_sources import configured_sources
from fmn.translations import gettext, ngettext

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
        yield gettext(
            "the directory is out of date, so people get notifications about others' packages; "
            "see in the workers' log why it can't be fetched")


def _of_bus(ledger: LedgerStatus, state: SystemStatus, settings: Settings) -> Iterator[str]:
    sources = configured_sources(settings)
    if sources and ledger.newest is not None and age(ledger.newest, state.at) > SILENT:
        yield gettext(
            "nothing came from {sources} for 12 hours; "
            "check that fmn consumer runs and reaches fmn.bus.endpoints or fmn.fedora_messaging.urls").format(
                sources=series(sources))
    elif ledger.lag > LATE and not ledger.missed:
        yield gettext(
            "messages arrive late; see in the consumer's log whether it keeps up or backfills, "
            "and check the hosts' clocks")
    for missed in ledger.missed:
        if missed.failures >= FAILED_BACKFILLS:
            yield gettext(
                "{source} doesn't return the messages missed since {moment}: {reason}; fix the archive. "
                "FMN retries every hour").format(
                    source=missed.source, moment=_minute(missed.since), reason=missed.reason)


def _of_ledger(ledger: LedgerStatus, state: SystemStatus) -> Iterator[str]:
    if ledger.unsettled_since is not None:
        yield gettext("since {moment} UTC the database {problem}").format(
            moment=_minute(ledger.unsettled_since), problem=gettext(OTHER_DATABASE))
    if not ledger.leader:
        yield gettext("no scheduler leads, so no periodic job runs; start fmn scheduler")
    elif ledger.swept is None or age(ledger.swept, state.at) > SWEPT_WITHIN:
        yield gettext("the leader, {process}, starts no jobs; see its log, and restart it").format(
            process=ledger.leader)
    if ledger.standing.quarantined:
        yield _counted(ngettext(
            "{n} message quarantined: processes died matching it; "
            "run fmn messages list, fix the cause, then run fmn messages requeue",
            "{n} messages quarantined: processes died matching it; "
            "run fmn messages list, fix the cause, then run fmn messages requeue",
            ledger.standing.quarantined), ledger.standing.quarantined)
    if age(ledger.standing.unmatched_since, state.at) > MATCHED_WITHIN:
        yield _counted(ngettext(
            "{n} message overdue for matching; check that fmn worker runs, and its log for errors",
            "{n} messages overdue for matching; check that fmn worker runs, and its log for errors",
            ledger.standing.unmatched), ledger.standing.unmatched)
    for failed in ledger.failures:
        if failed.count >= SIMILAR_FAILURES:
            yield _counted(ngettext(
                "{n} delivery by {channel} failed within a day: {reason}; "
                "fix the cause, then run fmn deliveries requeue",
                "{n} deliveries by {channel} failed within a day: {reason}; "
                "fix the cause, then run fmn deliveries requeue", failed.count), failed.count,
                channel=failed.context, reason=reason_text(failed.reason))
    if ledger.matched >= MATCHED_IN_VAIN and not ledger.notified:
        yield _counted(gettext(
            "none of the last hour's {n} messages matched any filter; "
            "check that the directory isn't empty and that people have filters"), ledger.matched)


def _of_channel(backlog: DeliveryBacklog, state: SystemStatus, settings: Settings) -> Iterator[str]:
    if backlog.context not in settings.delivery.channels:
        if backlog.due:
            yield _counted(ngettext(
                "{n} delivery pending for {channel}, which isn't in fmn.delivery.channels; add it, or run "
                "fmn deliveries discard --waiting --channel {channel}",
                "{n} deliveries pending for {channel}, which isn't in fmn.delivery.channels; add it, or run "
                "fmn deliveries discard --waiting --channel {channel}", backlog.due), backlog.due,
                channel=backlog.context)
    elif age(backlog.due_since, state.at) > DELIVERED_WITHIN:
        yield _counted(ngettext(
            "{n} delivery by {channel} overdue; check that fmn backend {channel} runs, and its log for "
            "errors of the server",
            "{n} deliveries by {channel} overdue; check that fmn backend {channel} runs, and its log for "
            "errors of the server", backlog.due), backlog.due, channel=backlog.context)


def _of_connections(ledger: LedgerStatus, state: SystemStatus) -> Iterator[str]:
    for outage in ledger.outages:
        if age(outage.since, state.at) >= OUTAGE:
            yield gettext(
                "the channel {channel} can't connect since {moment} UTC: {reason}; "
                "check the settings {settings}, or wait for the server").format(
                    channel=outage.channel, moment=_minute(outage.since), reason=reason_text(outage.reason),
                    settings=f"fmn.{_context_of(outage)}.*")
    down = {_context_of(outage) for outage in ledger.outages}
    for retried in ledger.retries:
        if retried.count >= SIMILAR_FAILURES and retried.context not in down:
            yield _counted(ngettext(
                "{n} delivery by {channel} retried: {reason}; "
                "fix the cause if it lasts. FMN goes on trying",
                "{n} deliveries by {channel} retried: {reason}; "
                "fix the cause if it lasts. FMN goes on trying",
                retried.count), retried.count, channel=retried.context, reason=reason_text(retried.reason))


def _context_of(outage: Outage) -> str:
    """The context of a channel, or of the channel that it's a partition of."""
    return outage.channel.partition(".")[0]


def _of_queues(queues: Sequence[Queue], settings: Settings) -> Iterator[str]:
    # One that isn't there yet: nobody who'd take from it was ever started.
    expected = queue_names(settings.delivery.partition_counts)
    processes = dict.fromkeys(expected, 0) | {queue.name: queue.processes for queue in queues}
    for name, count in processes.items():
        if not count:
            yield gettext("no process consumes the queue {queue}; start {command}").format(
                queue=name, command=_process(name))


def _process(queue: str) -> str:
    kind, _, channel = first_partition(queue).partition(".")
    return f"fmn {kind} {channel}" if channel else "fmn worker"


def _counted(text: str, number: int, **parts: str) -> str:
    return text.format(n=number_text(number), **parts)


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
