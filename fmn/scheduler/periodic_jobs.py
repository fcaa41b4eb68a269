"""Scheduler of periodic jobs. Any number of processes may run; one of them leads.

A job sends one task, or does work that only one process may do. Each run of a job is a slot that is claimed
once, so a leader that hung repeats nothing when it resumes.
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

#: Seconds between checks of leadership.
LEADERSHIP_POLL_SECONDS: Final = 1.0
#: Delay of a run after its period's start: more than the difference between the clocks of two hosts.
START_DELAY: Final = timedelta(seconds=0.1)
#: Seconds of difference above which NTP sets a clock at once instead of slewing it.
CLOCK_JUMP_SECONDS: Final = 0.5
#: Seconds until a job that couldn't be started is retried.
RETRY_SECONDS: Final = 5
HOUR: Final = 3600
#: Seconds between checks whether the bus announced a change of the directory.
DIRECTORY_SECONDS: Final = 5
#: Seconds between checks for snoozes that end: people choose them in minutes.
SNOOZE_SECONDS: Final = 20
#: Seconds between counts of the ledger for charts, in which people look for the mail that has just come.
COUNT_SECONDS: Final = 15
#: Seconds between checks for gaps to backfill.
BACKFILL_SECONDS: Final = 5
#: Seconds between checks for changes to announce.
ANNOUNCE_SECONDS: Final = 2
#: Seconds between updates of the installation's metrics: Prometheus' usual scrape interval.
MONITORING_SECONDS: Final = 15


@dataclass(frozen=True)
class Job:
    """A periodic job: ``start`` is called every ``period`` seconds, ``end`` when leadership is lost."""

    name: str
    period: int
    start: Callable[[], object]
    end: Callable[[], object] = lambda: None


def task_jobs(settings: Settings, actors: Mapping[str, dramatiq.Actor[[], None]]) -> list[Job]:
    """The jobs that send a task each, to the actor of the job's name."""
    periods = {
        "sweep": settings.sweep.seconds,
        "digests": settings.digest.check_seconds,
        "wake_filters": SNOOZE_SECONDS,
        "count_figures": COUNT_SECONDS,
        "refresh_changed_directory": DIRECTORY_SECONDS,
        "refresh_directory": max(1, round(settings.directory.refresh_minutes * 60)),
        "prune_history": HOUR,
        "offer_channels": HOUR,
    }
    if settings.catchup.sources:
        periods["catch_up"] = BACKFILL_SECONDS
    periods |= {
        keep_connected_job(context, partition): KEEP_CONNECTED_INTERVAL
        for context, count in settings.delivery.partition_counts.items() for partition in range(count)}
    return [Job(name, period, actors[name].send) for name, period in periods.items()]


def announcer_jobs(database: Database, settings: Settings) -> list[Job]:
    """The job that announces changes of preferences on the bus; none if announcements are off.

    It runs here and not as a task, since subscribers connect to the socket of one process.
    """
    if not settings.publish.announce:
        return []
    announcer = Announcer(
        database, settings.publish, settings.web.base_url, settings.fedora_messaging)
    return [Job("announce", ANNOUNCE_SECONDS, announcer.run, announcer.close)]


def database_check_jobs(database: Database) -> list[Job]:
    """The job that detects a failover of the database, which a connection pooler may hide."""
    return [] if database.embedded else [Job("follow_database", MONITORING_SECONDS, database.detect_failover)]


def monitoring_jobs(services: Services) -> list[Job]:
    """The jobs that update metrics of the ledger and the queues; none if metrics are off."""
    if not services.settings.metrics.listen:
        return []
    installation_metrics = InstallationMetrics(services)
    return [
        Job("watch_ledger", MONITORING_SECONDS, installation_metrics.update_ledger,
            installation_metrics.clear),
        Job("watch_queues", MONITORING_SECONDS, installation_metrics.update_queues),
    ]


class Scheduler:
    """Runner of jobs while its process leads."""

    def __init__(self, database: Database, jobs: list[Job]) -> None:
        self._database = database
        self._jobs = jobs
        self._leadership = Leadership(database)
        self._running: BackgroundScheduler | None = None
        self._boot_time = _boot_time()

    def run(self, stop: Event) -> None:
        """Try to lead, and run the jobs while leading, until ``stop`` is set."""
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
        """Whether this machine's clock jumped since the last call.

        Jobs are timed by that clock, and would pause for as long as it was set back: they are scheduled anew.
        """
        before, self._boot_time = self._boot_time, _boot_time()
        if abs(self._boot_time - before) <= CLOCK_JUMP_SECONDS:
            return False
        log.warning("this machine's clock was set", seconds=round(self._boot_time - before, 1))
        return True

    def _started(self) -> BackgroundScheduler:
        scheduler = BackgroundScheduler(timezone=UTC)
        # Slots are in the database's time, APScheduler works in this machine's.
        now = self._database.now()
        ahead = utc_now() - now + START_DELAY
        for job in self._jobs:
            # The first run is the current period's, in case nobody led when it was due. Later runs are always
            # at the beginning of a period: anywhere else, a run that is late could fall into the next one.
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
    """The machine's boot time by its clock, in seconds since 1970."""
    return time.time() - monotonic_seconds()
