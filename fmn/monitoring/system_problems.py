"""What needs somebody, of how an installation stands: a sentence for each, with what to do. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from fmn.administration.pending_work import DeliveryBacklog
from fmn.administration.queues import Queue
from fmn.administration.restored_database import OTHER_DATABASE
from fmn.infra.broker import DIGESTS_QUEUE, MATCH_QUEUE, backend_queue
from fmn.monitoring import clock_skew
from fmn.monitoring.installation_metrics import age
from fmn.monitoring.system_status import LedgerStatus, SystemStatus
from fmn.settings import Settings
from fmn.text import pluralize

#: Seconds that what is to be done at once may wait. Whoever was restarted makes up for less.
MATCHED_WITHIN: Final = 300
DELIVERED_WITHIN: Final = 900
#: Seconds without a sweep after which nobody leads, whoever has the lock.
SWEPT_WITHIN: Final = 120
#: Seconds without a message after which a bus is silent. Small projects sleep at night.
SILENT: Final = 12 * 3600
#: Seconds that a message may take to us.
LATE: Final = 600
#: So many deliveries of a channel that fail for one reason within a day are no longer their owners' affair.
SIMILAR_FAILURES: Final = 20
#: So many failed attempts to catch up are no passing trouble.
FAILED_BACKFILLS: Final = 5
#: Of so many matched messages somebody should have heard of one.
MATCHED_IN_VAIN: Final = 100
#: Directories that are so many times older than they should be count as stale.
STALE_DIRECTORY_FACTOR: Final = 4


def system_problems(state: SystemStatus, settings: Settings) -> Iterator[str]:
    """What is wrong, and what to do."""
    yield from filter(None, (state.ledger_problem, state.queues_problem, state.cache_problem))
    if text := clock_skew.skew_warning(timedelta(seconds=state.clock_skew)):
        yield text
    if state.ledger is not None:
        yield from _of_bus(state.ledger, state, settings)
        yield from _of_ledger(state.ledger, state)
        for backlog in state.ledger.standing.backlogs:
            yield from _of_channel(backlog, state, settings)
    if state.queues is not None:
        yield from _of_queues(state.queues, settings)
    allowed = STALE_DIRECTORY_FACTOR * timedelta(minutes=settings.directory.refresh_minutes)
    if state.directory_fetched is not None and state.at - state.directory_fetched > allowed:
        yield (
            "the directory is old, so people hear of what isn't theirs any more; "
            "the workers' log says why it can't be fetched")


def _of_bus(ledger: LedgerStatus, state: SystemStatus, settings: Settings) -> Iterator[str]:
    if settings.bus.endpoints and ledger.newest is not None and age(ledger.newest, state.at) > SILENT:
        yield (
            "the bus has been silent for half a day; "
            "see that fmn consumer runs and reaches fmn.bus.endpoints")
    elif ledger.lag > LATE and not ledger.missed:
        yield (
            "messages come late; see in the consumer's log whether it keeps up or is catching up, "
            "and whether clocks are right")
    for missed in ledger.missed:
        if missed.failures >= FAILED_BACKFILLS:
            yield (
                f"{missed.source} can't be asked for what was missed from {missed.since:%Y-%m-%d %H:%M} on: "
                f"{missed.reason}; see to it there. It's tried again every hour")


def _of_ledger(ledger: LedgerStatus, state: SystemStatus) -> Iterator[str]:
    if ledger.unsettled_since is not None:
        yield f"since {ledger.unsettled_since:%Y-%m-%d %H:%M} UTC the database {OTHER_DATABASE}"
    if not ledger.leader:
        yield "no scheduler leads, so nothing happens by the clock; start fmn scheduler"
    elif ledger.swept is None or age(ledger.swept, state.at) > SWEPT_WITHIN:
        yield f"{ledger.leader} should lead and does nothing; see its log, and restart it"
    if ledger.standing.quarantined:
        yield (
            f"{pluralize(ledger.standing.quarantined, 'message')} can't be matched, processes died of each; "
            "see fmn messages list, mend that, then fmn messages requeue")
    if age(ledger.standing.unmatched_since, state.at) > MATCHED_WITHIN:
        yield (
            f"{pluralize(ledger.standing.unmatched, 'message')} should be matched already; "
            "see that fmn worker runs, and in its log whether it fails")
    for failed in ledger.failures:
        if failed.count >= SIMILAR_FAILURES:
            yield (
                f"{_deliveries(failed.count)} by {failed.context} failed within a day: {failed.reason}; "
                "mend that, then fmn deliveries requeue")
    if ledger.matched >= MATCHED_IN_VAIN and not ledger.notified:
        yield (
            f"none of the last hour's {ledger.matched:,} messages concerned anybody; "
            "see that the directory isn't empty and that people have filters")


def _of_channel(backlog: DeliveryBacklog, state: SystemStatus, settings: Settings) -> Iterator[str]:
    if backlog.context not in settings.delivery.channels:
        if backlog.due:
            yield (
                f"{_deliveries(backlog.due)} wait for {backlog.context}, which isn't among "
                "fmn.delivery.channels; add it, or fmn deliveries discard --waiting")
    elif age(backlog.due_since, state.at) > DELIVERED_WITHIN:
        yield (
            f"{_deliveries(backlog.due)} by {backlog.context} should be out already; see that "
            f"fmn backend {backlog.context} runs, and in its log what it says of the other side")


def _of_queues(queues: Sequence[Queue], settings: Settings) -> Iterator[str]:
    # One that isn't there yet: nobody who'd take from it was ever started.
    expected = [MATCH_QUEUE, DIGESTS_QUEUE, *map(backend_queue, settings.delivery.channels)]
    processes = dict.fromkeys(expected, 0) | {queue.name: queue.processes for queue in queues}
    for name, count in processes.items():
        if not count:
            yield f"nobody takes from the queue {name}; start {_process(name)}"


def _process(queue: str) -> str:
    kind, _, channel = queue.partition(".")
    return f"fmn {kind} {channel}" if channel else "fmn worker"


def _deliveries(count: int) -> str:
    return pluralize(count, "delivery", "deliveries")
