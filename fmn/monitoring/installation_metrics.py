"""Metrics of the whole installation, exported by the leading scheduler alone.

They are cleared when it stops leading: stale figures would be taken for current ones.
"""

from __future__ import annotations

from datetime import datetime

from fmn.administration.pending_work import pending_work
from fmn.administration.queues import queues
from fmn.infra import metrics
from fmn.sources.backfill.gaps import backfill_lag
from fmn.wiring import Services


class InstallationMetrics:
    """Updates the metrics about the ledger, the directory and the queues."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def update_ledger(self) -> None:
        """Set the metrics about the backlog in the database and the age of the directory."""
        now, contexts = self._services.database.now(), self._services.contexts
        with self._services.database.reading() as session:
            seen = pending_work(session, contexts, now)
            metrics.catch_up_behind_seconds.set(backfill_lag(session, now).total_seconds())
        # Quarantined messages count too: they wait for an administrator.
        metrics.ledger_waiting.labels("match").set(seen.unmatched + seen.quarantined)
        metrics.ledger_waiting_seconds.labels("match").set(
            max(age(seen.unmatched_since, now), age(seen.quarantined_since, now)))
        metrics.ledger_waiting.labels("digest").set(seen.for_digests)
        for backlog in seen.backlogs:
            for state in ("due", "retrying", "held", "failed"):
                metrics.deliveries_in_state.labels(backlog.context, state).set(getattr(backlog, state))
            if backlog.context in contexts:  # others wait until their channel is configured again
                metrics.deliveries_oldest_seconds.labels(backlog.context).set(age(backlog.oldest, now))
                metrics.deliveries_overdue_seconds.labels(backlog.context).set(age(backlog.due_since, now))
        fetched = self._services.directory.fetched_at()
        metrics.directory_refreshed.set(fetched.timestamp() if fetched else 0)

    def update_queues(self) -> None:
        """Set the metrics about the queues.

        Raises :class:`~fmn.administration.queues.BrokerUnavailableError`.
        """
        for queue in queues(self._services.settings.broker, self._services.partitions):
            metrics.queue_tasks.labels(queue.name).set(queue.waiting)
            metrics.queue_processes.labels(queue.name).set(queue.processes)
            metrics.queue_dead_letters.labels(queue.name).set(queue.quarantined)

    def clear(self) -> None:
        """Stop exporting these metrics."""
        for gauge in (
            metrics.ledger_waiting, metrics.ledger_waiting_seconds, metrics.deliveries_in_state,
            metrics.deliveries_oldest_seconds, metrics.deliveries_overdue_seconds, metrics.queue_tasks,
            metrics.queue_processes, metrics.queue_dead_letters,
        ):
            gauge.clear()
        metrics.directory_refreshed.set(0)
        metrics.catch_up_behind_seconds.set(0)


def age(since: datetime | None, now: datetime) -> float:
    """Seconds since a moment; 0 for ``None``."""
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
