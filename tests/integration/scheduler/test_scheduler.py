"""Schedulers that run for a few seconds beside each other, with jobs each second."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Event, Thread

import dramatiq
import pytest
from dramatiq.brokers.stub import StubBroker

from fmn.channels import keep_connected_job
from fmn.infra.db import Database
from fmn.infra.slots import claim_slot, slot_start
from fmn.scheduler import periodic_jobs
from fmn.scheduler.periodic_jobs import HOUR, Job, Scheduler, announcer_jobs, task_jobs
from fmn.settings import PublishSettings, Settings, SweepSettings
from tests.factories.databases import tables_in
from tests.servers.clock import Clock
from tests.servers.postgresql import PostgreSQL
from tests.servers.processes import ServerMissingError
from tests.servers.waiting import wait_until

pytestmark = pytest.mark.dialects

SOON = 20
#: The shortest period that doesn't end while tests run.
A_CENTURY = 100 * 365 * 24 * HOUR

SCHEDULER = """
import sys
from threading import Event
from fmn.infra.db import Database
from fmn.scheduler.periodic_jobs import Job, Scheduler
Scheduler(Database(sys.argv[1]), [Job("sweep", 1, lambda: print("fired", flush=True))]).run(Event())
"""


class Runs:
    """The runs of a job, by the time of day at which each took place."""

    def __init__(self, name: str = "sweep", period: int = 1) -> None:
        self.times: list[float] = []
        self.job = Job(name, period, lambda: self.times.append(time.time()))

    def wait_for(self, count: int) -> None:
        """Wait until there were so many more."""
        enough = len(self.times) + count
        wait_until(lambda: len(self.times) >= enough, SOON, f"{self.job.name} doesn't run")


@pytest.fixture
def slots(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, datetime]]:
    """The slots that were taken, by job and period."""
    taken: list[tuple[str, datetime]] = []

    def take(database: Database, job: str, period: int, now: datetime) -> bool:
        if success := claim_slot(database, job, period, now):
            taken.append((job, slot_start(period, now)))
        return success

    monkeypatch.setattr(periodic_jobs, "claim_slot", take)
    return taken


@contextmanager
def running(database: Database, *jobs: Sequence[Job]) -> Iterator[None]:
    """A scheduler for each list of jobs, in this process."""
    stop = Event()
    threads = [Thread(target=Scheduler(database, list(of_one)).run, args=(stop,)) for of_one in jobs]
    try:
        for thread in threads:
            thread.start()
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(SOON)
            assert not thread.is_alive()


def test_two_schedulers_run_each_job_once_a_period(
    postgresql_database: Database, slots: list[tuple[str, datetime]],
) -> None:
    # Given two schedulers with the same jobs
    sweep, digests = Runs(), Runs("digests")
    jobs = [sweep.job, digests.job]
    # When they run for some seconds
    with running(postgresql_database, jobs, jobs):
        sweep.wait_for(4)
    # Then each job ran once in each of its periods
    assert len(sweep.times) + len(digests.times) == len(slots) == len(set(slots))


def test_two_that_both_believe_to_lead_run_each_job_once_a_period(
    tmp_path: Path, slots: list[tuple[str, datetime]],
) -> None:
    # Given two schedulers on SQLite, where each believes that it's the only one
    runs = Runs()
    with (
        tables_in(f"sqlite:///{tmp_path}/fmn.sqlite") as database,
        running(database, [runs.job], [runs.job]),
    ):
        # When they run for some seconds
        runs.wait_for(3)
    # Then the job ran once in each period nevertheless
    assert len(runs.times) == len(slots) == len(set(slots))


def test_another_scheduler_goes_on_when_the_leader_is_killed(postgresql_database: Database) -> None:
    # Given a scheduler in another process that leads, and one here
    runs = Runs()
    command = [sys.executable, "-c", SCHEDULER, postgresql_database.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as leader:
        assert leader.stdout is not None
        lines = iter(leader.stdout)
        wait_until(lambda: next(lines) == "fired\n", SOON, "the leader does nothing")
        with running(postgresql_database, [runs.job]):
            assert next(lines) == "fired\n"
            assert runs.times == []
            # When the leader is killed
            killed = time.monotonic()
            leader.send_signal(signal.SIGKILL)
            # Then the other one goes on within seconds
            runs.wait_for(1)
            sys.stdout.write(f"\nwent on {time.monotonic() - killed:.2f} s after the leader was killed\n")


def test_goes_on_when_the_machines_clock_is_set_back(postgresql_database: Database, tmp_path: Path) -> None:
    # Given a scheduler on a machine whose clock can be set
    try:
        clock = Clock(tmp_path / "clock")
    except ServerMissingError as error:
        pytest.skip(str(error))
    with subprocess.Popen(
        [sys.executable, "-c", SCHEDULER, postgresql_database.url], env={**os.environ, **clock.environment},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as leader:
        assert leader.stdout is not None
        runs = (line for line in leader.stdout if line == "fired\n")
        try:
            for hours in (0, -2, 3):
                # When it's set back, and ahead, then jobs run all the same
                clock.set(hours * HOUR)
                for _ in range(3):
                    next(runs)
        finally:
            leader.kill()


def test_goes_on_when_the_database_is_back(postgresql: PostgreSQL, postgresql_database: Database) -> None:
    runs = Runs()
    with running(postgresql_database, [runs.job], [runs.job]):
        runs.wait_for(1)
        postgresql.restart()
        runs.wait_for(2)


def test_a_job_that_cannot_be_started_is_tried_again_soon(
    database: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given a job that runs once a century, whose task can't be sent at first
    monkeypatch.setattr(periodic_jobs, "RETRY_SECONDS", 0.1)
    attempts: list[float] = []

    def start() -> None:
        attempts.append(time.monotonic())
        if len(attempts) < 3:
            raise ConnectionError("no broker")

    # Then it's tried until it can, and not again
    job = Job("prune_history", A_CENTURY, start)
    with running(database, [job]):
        wait_until(lambda: len(attempts) == 3, SOON, "it isn't tried again")
    with running(database, [job, (after := Runs()).job]):
        after.wait_for(2)
    assert len(attempts) == 3


def test_a_new_leader_catches_up_with_this_period_only(database: Database) -> None:
    # Given a job that runs once in a hundred years, and nobody who led when this period began
    rare, often = Runs("prune_history", A_CENTURY), Runs()
    # When a scheduler starts, and another one later
    for _ in range(2):
        with running(database, [rare.job, often.job]):
            often.wait_for(1)
    # Then the job ran once
    assert len(rare.times) == 1


def test_a_job_ends_with_the_lead(tmp_path: Path) -> None:
    # Given a scheduler that leads, with a job that has something to give up
    ended: list[str] = []
    runs, job = Runs(), Job("announce", A_CENTURY, list, lambda: ended.append("announce"))
    with tables_in(f"sqlite:///{tmp_path}/fmn.sqlite") as database, running(database, [runs.job, job]):
        runs.wait_for(1)
        assert ended == []
    # Then it does so when it stops
    assert ended == ["announce"]


def test_nobody_announces_unless_that_is_wanted(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/fmn.sqlite")
    assert announcer_jobs(database, Settings()) == []
    wanted = Settings(publish=PublishSettings(announce=True))
    assert [job.name for job in announcer_jobs(database, wanted)] == ["announce"]


def test_jobs_send_the_actor_of_their_name() -> None:
    # Given an actor for each job
    broker = StubBroker()
    actors = {
        name: dramatiq.actor(actor_name=name, queue_name=name, broker=broker)(lambda: None)
        for name in (
            "sweep", "digests", "wake_filters", "refresh_directory", "refresh_changed_directory",
            "prune_history", "count_figures", "offer_channels", keep_connected_job("email"))
    }
    jobs = task_jobs(Settings(sweep=SweepSettings(seconds=7)), actors)
    # When all jobs start
    for job in jobs:
        job.start()
    # Then each actor has a task
    assert {job.name for job in jobs} == actors.keys()
    assert all(broker.queues[name].qsize() == 1 for name in actors)
    assert {job.name: job.period for job in jobs}["sweep"] == 7
