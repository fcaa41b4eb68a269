"""Metrics of Dramatiq tasks: number, duration and outcome, and whether a worker's threads still run."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any, Final

import dramatiq
import structlog
from dramatiq.common import q_name
from dramatiq.middleware import Middleware

from fmn.infra import metrics
from fmn.infra.broker import TIME_LIMIT
from fmn.monitoring.metrics_registry import remove_multiprocess_files

log = structlog.get_logger()

#: Seconds between two checks of the threads.
WATCH_SECONDS: Final = 1.0
#: Seconds past its time limit after which a task counts as stuck: code outside Python can't be interrupted.
GRACE: Final = 60.0


@dataclass(frozen=True)
class RunningTask:
    """A running task: its start, and the latest time to end, in seconds of the monotonic clock."""

    since: float
    latest: float


class TaskMetricsMiddleware(Middleware):
    """Dramatiq middleware that counts tasks and reports a worker alive while no thread is dead or stuck."""

    def __init__(self) -> None:
        self._running: dict[str, RunningTask] = {}
        self._skipped: set[str] = set()
        self._over = Event()

    def after_worker_boot(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        """Start watching the worker's threads."""
        for queue in set(map(q_name, worker.consumers)):
            metrics.queue_served.labels(queue).set(0)
        Thread(target=self._watch, args=[worker], name="observed tasks", daemon=True).start()

    def before_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        """Stop watching the threads, which end now."""
        self._over.set()

    def after_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        """Delete the shared metrics' files."""
        remove_multiprocess_files()

    def before_process_message(self, broker: dramatiq.Broker, message: Any) -> None:
        """Count a task that begins."""
        since = time.monotonic()
        limit = broker.get_actor(message.actor_name).options.get("time_limit", TIME_LIMIT) / 1000
        self._running[message.message_id] = RunningTask(since, since + limit + GRACE)
        metrics.tasks_running.labels(message.queue_name).inc()
        self._set_queue_served(message)
        structlog.contextvars.bind_contextvars(task=message.message_id, actor=message.actor_name)

    def after_process_message(
        self, broker: dramatiq.Broker, message: Any, *, result: Any = None,
        exception: BaseException | None = None,
    ) -> None:
        """Count a task that ended, and how."""
        metrics.tasks_finished.labels(message.actor_name, "failed" if exception else "done").inc()
        self._end(message)

    def after_skip_message(self, broker: dramatiq.Broker, message: Any) -> None:
        """Count a task that was skipped because it is too old."""
        metrics.tasks_finished.labels(message.actor_name, "skipped").inc()
        self._skipped.add(message.message_id)
        self._end(message)

    def after_enqueue(self, broker: dramatiq.Broker, message: Any, delay: int | None) -> None:
        """Count a task that is tried again."""
        # A retry waits in the delay queue first, and is enqueued a second time from there.
        if delay is not None and message.options.get("retries"):
            metrics.tasks_retried.labels(message.actor_name).inc()

    def after_nack(self, broker: dramatiq.Broker, message: Any) -> None:
        """Count a task that was given up after too many failures. Skipped ones were counted already."""
        if message.message_id in self._skipped:
            self._skipped.discard(message.message_id)
            return
        metrics.tasks_given_up.labels(message.actor_name).inc()
        log.warning("task given up", actor=message.actor_name, args=message.args)

    def _end(self, message: Any) -> None:
        if (running := self._running.pop(message.message_id, None)) is not None:
            metrics.tasks_running.labels(message.queue_name).dec()
            metrics.task_seconds.labels(message.actor_name).observe(time.monotonic() - running.since)
        self._set_queue_served(message)
        structlog.contextvars.unbind_contextvars("task", "actor")

    @staticmethod
    def _set_queue_served(message: Any) -> None:
        metrics.queue_served.labels(message.queue_name).set_to_current_time()

    def _watch(self, worker: dramatiq.Worker) -> None:
        told = ""
        while not self._over.is_set():
            problem = next(self._problems(worker), "")
            if not problem:
                metrics.loop_timestamp.labels("tasks").set_to_current_time()
            elif problem != told:
                log.error("tasks are stuck", reason=problem)
            told = problem
            self._over.wait(WATCH_SECONDS)

    def _problems(self, worker: dramatiq.Worker) -> Iterator[str]:
        if not all(thread.is_alive() for thread in (*worker.consumers.values(), *worker.workers)):
            yield "a thread ended"
        now = time.monotonic()
        for message_id, running in list(self._running.items()):
            if running.latest < now:
                yield f"task {message_id} doesn't end"
