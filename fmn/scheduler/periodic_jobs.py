"""The scheduler: everything that happens by the clock. Any number may run; one of them leads.

A job sends one task, or does what only one process may. A leader that hung fires nothing
twice when it wakes, since each run of a job is a slot that can be taken once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Final

import dramatiq
import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import DBAPIError

from fmn.channels import KEEP_CONNECTED_INTERVAL, keep_connected_job
from fmn.infra import metrics
from fmn.infra.clock import monotonic_seconds, utc_now
from fmn.infra.db import Database
from fmn.infra.leadership import Leadership
from fmn.infra.slots import claim_slot, release_slot, slot_start
from fmn.monitoring.installation_metrics import InstallationMetrics
from fmn.scheduler.announcer import Announcer
from fmn.settings import Settings
from fmn.wiring import Services

log = structlog.get_logger()

#: Seconds between looks at who leads.
LEADERSHIP_POLL_SECONDS: Final = 1.0
#: Runs begin so much later than their periods, by which the clocks of two hosts may differ.
START_DELAY: Final = timedelta(seconds=0.1)
#: Seconds by which a machine's clock is set at once, rather than hurried or slowed down.
CLOCK_JUMP_SECONDS: Final = 0.5
#: Seconds after which a job that couldn't be started is tried again.
RETRY_SECONDS: Final = 5
HOUR: Final = 3600
#: Seconds between looks whether the bus said that the directory changed.
DIRECTORY_SECONDS: Final = 5
#: Seconds between looks whether filters have slept long enough: people choose minutes.
SNOOZE_SECONDS: Final = 20
#: Seconds between looks whether messages were missed that somebody can be asked for.
BACKFILL_SECONDS: Final = 5
#: Seconds between looks whether there is something to announce.
ANNOUNCE_SECONDS: Final = 2
#: Seconds between looks at how all of it stands: as often as Prometheus usually asks.
MONITORING_SECONDS: Final = 15


@dataclass(frozen=True)
class Job:
    """Something to start once every ``period`` seconds. ``end`` is called when somebody else leads."""

    name: str
    period: int
    start: Callable[[], object]
    end: Callable[[], object] = lambda: None


def task_jobs(settings: Settings, actors: Mapping[str, dramatiq.Actor[[], None]]) -> list[Job]:
    """The periodic jobs: each sends the actor of its name."""
    periods = {
        "sweep": settings.sweep.seconds,
        "digests": settings.digest.check_seconds,
        "wake_filters": SNOOZE_SECONDS,
        "refresh_changed_directory": DIRECTORY_SECONDS,
        "refresh_directory": max(1, round(settings.directory.refresh_minutes * 60)),
        "prune_history": HOUR,
        "offer_channels": HOUR,
    }
    if settings.catchup.sources:
        periods["catch_up"] = BACKFILL_SECONDS
    periods |= {
        keep_connected_job(context): KEEP_CONNECTED_INTERVAL for context in settings.delivery.channels}
    return [Job(name, period, actors[name].send) for name, period in periods.items()]


def announcer_jobs(database: Database, settings: Settings) -> list[Job]:
    """The job that announces changes of preferences on the bus, if somebody wants that.

    Done here and not by a task: a socket that listeners connect to is where one process is.
    """
    if not settings.publish.announce:
        return []
    announcer = Announcer(database, settings.publish, settings.web.base_url)
    return [Job("announce", ANNOUNCE_SECONDS, announcer.run, announcer.close)]


def database_check_jobs(database: Database) -> list[Job]:
    """The job that looks whether the database is another one, where poolers may hide that."""
    return [] if database.embedded else [Job("follow_database", MONITORING_SECONDS, database.detect_failover)]


def monitoring_jobs(services: Services) -> list[Job]:
    """The jobs that look at the ledger and at the queues, if anybody wants to know what they see."""
    if not services.settings.metrics.listen:
        return []
    installation_metrics = InstallationMetrics(services)
    return [
        Job("watch_ledger", MONITORING_SECONDS, installation_metrics.update_ledger,
            installation_metrics.clear),
        Job("watch_queues", MONITORING_SECONDS, installation_metrics.update_queues),
    ]


class Scheduler:
    """Runs jobs while it leads."""

    def __init__(self, database: Database, jobs: list[Job]) -> None:
        self._database = database
        self._jobs = jobs
        self._leadership = Leadership(database)
        self._running: BackgroundScheduler | None = None
        self._boot_time = _boot_time()

    def run(self, stop: Event) -> None:
        """Stand for leader, and work while leading, until ``stop`` is set."""
        log.info("scheduler started")
        try:
            while not stop.is_set():
                metrics.loop_timestamp.labels("scheduler").set_to_current_time()
                try:
                    self._follow_leadership(leads=self._leadership.is_leader() and not self._clock_was_set())
                except DBAPIError as error:
                    log.warning("jobs not started, the database is away", reason=str(error.orig).strip())
                stop.wait(LEADERSHIP_POLL_SECONDS)
        finally:
            self._follow_leadership(leads=False)
            self._leadership.resign()

    def _follow_leadership(self, *, leads: bool) -> None:
        if leads and self._running is None:
            self._running = self._started()
            metrics.scheduler_leads.set(1)
        elif not leads and self._running is not None:
            self._running.shutdown(wait=True)
            self._running = None
            metrics.scheduler_leads.set(0)
            for job in self._jobs:
                job.end()

    def _clock_was_set(self) -> bool:
        """Whether this machine's clock jumped since it was last asked.

        Jobs are timed by it, and wouldn't run for as long as it was set back. They begin anew then.
        """
        before, self._boot_time = self._boot_time, _boot_time()
        if abs(self._boot_time - before) <= CLOCK_JUMP_SECONDS:
            return False
        log.warning("this machine's clock was set", seconds=round(self._boot_time - before, 1))
        return True

    def _started(self) -> BackgroundScheduler:
        scheduler = BackgroundScheduler(timezone=UTC)
        # Slots are the database's time, but what runs by this machine's clock has to be told by that.
        now = self._database.now()
        ahead = utc_now() - now + START_DELAY
        for job in self._jobs:
            # The first run is this period's, in case nobody led when it was due. From then on it's always
            # the beginning of a period: anywhere else, a run that is late could fall into the next one.
            scheduler.add_job(
                self._fire, "interval", [job, scheduler], seconds=job.period,
                next_run_time=slot_start(job.period, now) + ahead, coalesce=True, max_instances=1,
                misfire_grace_time=None)
        scheduler.start()
        return scheduler

    def _fire(self, job: Job, scheduler: BackgroundScheduler) -> None:
        now = self._database.now()
        try:
            if claim_slot(self._database, job.name, job.period, now):
                self._start(job, now)
        except Exception as error:  # noqa: BLE001 - database, broker and driver errors have nothing in common
            metrics.jobs_not_started.labels(job.name).inc()
            log.warning("job not started, it will be tried again", job=job.name, reason=repr(error))
            scheduler.add_job(
                self._fire, "date", [job, scheduler], run_date=utc_now() + timedelta(seconds=RETRY_SECONDS),
                misfire_grace_time=None)

    def _start(self, job: Job, now: datetime) -> None:
        try:
            job.start()
            metrics.jobs_started.labels(job.name).inc()
        except Exception:
            release_slot(self._database, job.name, job.period, now)
            raise


def _boot_time() -> float:
    """When the machine started, by its clock: in seconds since 1970."""
    return time.time() - monotonic_seconds()
