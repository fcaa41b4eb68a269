"""Processes are killed, hang, and are replaced by newer ones."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

import pytest

from tests.faults.loaded_installation import BOTH_IN_HAND, CLAIMS_RUN_OUT, GIVEN_UP, IN_HAND, Site
from tests.faults.process_roles import (
    BACKENDS,
    CONSUMERS,
    SCHEDULERS,
    TWO_OF_EVERYTHING,
    WORKERS,
    active_backend,
    kill,
    leader,
    standby,
)

#: Seconds between two processes that are killed.
PAUSE = 1.0
#: Seconds that the steps of an upgrade take at least.
STEP = 0.5

Choose = Callable[[Site, int], str]


def in_turn(*names: str) -> Choose:
    """One after the other."""
    return lambda _site, number: names[number % len(names)]


def of_active_backend(site: Site, _number: int) -> str:
    return active_backend(site.installation)


def of_standby_backend(site: Site, _number: int) -> str:
    return standby(BACKENDS, active_backend(site.installation))


def of_leader(site: Site, _number: int) -> str:
    return leader(site.installation)


def of_standby_scheduler(site: Site, _number: int) -> str:
    return standby(SCHEDULERS, leader(site.installation))


@pytest.mark.short
def test_nothing(site: Site) -> None:
    # Given what the others are to be compared with
    with site.suffering("none") as case, case.happening():
        time.sleep(PAUSE)


@pytest.mark.parametrize(("who", "choose", "times", "in_doubt"), [
    ("consumer", in_turn(*CONSUMERS), 4, 0),
    ("worker", in_turn(*WORKERS), 4, 0),
    pytest.param("active backend", of_active_backend, 3, IN_HAND, marks=pytest.mark.short),
    ("standby backend", of_standby_backend, 2, IN_HAND),
    ("leading scheduler", of_leader, 2, 0),
    ("standby scheduler", of_standby_scheduler, 2, 0),
])
def test_killed(site: Site, who: str, choose: Choose, times: int, in_doubt: int) -> None:
    with site.suffering(f"{who} killed") as case:
        for number in range(times):
            site.wait_until_ready()
            with case.happening(in_doubt=in_doubt):
                kill(site.installation, choose(site, number))
                time.sleep(PAUSE)


def test_child_killed(site: Site) -> None:
    # Given that dramatiq does the work in a process of its own
    with site.suffering("child of a worker or backend killed") as case:
        for name in (*WORKERS, *BACKENDS):
            site.wait_until_ready()
            with case.happening(in_doubt=IN_HAND):
                kill(site.installation, name, child=True)
                time.sleep(PAUSE)


@pytest.mark.parametrize(("who", "choose", "in_doubt"), [
    ("consumer", in_turn(*CONSUMERS), 0),
    ("worker", in_turn(*WORKERS), 0),
    ("active backend", of_active_backend, IN_HAND),
    ("leading scheduler", of_leader, 0),
])
def test_hangs(site: Site, who: str, choose: Choose, in_doubt: int) -> None:
    with site.suffering(f"{who} hangs for {GIVEN_UP} s") as case:
        program = site.installation.program(choose(site, 0))
        # When it hangs for longer than claims, heartbeats and transactions last, and wakes
        with case.happening(in_doubt=in_doubt):
            program.signal_all(signal.SIGSTOP)
            try:
                time.sleep(max(GIVEN_UP, CLAIMS_RUN_OUT))
            finally:
                program.signal_all(signal.SIGCONT)
    site.wait_until_ready()


def test_all_of_a_kind_killed(site: Site) -> None:
    with site.suffering("both workers and both backends killed at once") as case:
        for _ in range(2):
            site.wait_until_ready()
            with case.happening(in_doubt=BOTH_IN_HAND):
                for name in (*WORKERS, *BACKENDS):
                    site.installation.program(name).signal_all(signal.SIGKILL)
                time.sleep(PAUSE)


def test_upgrade(site: Site) -> None:
    # Given an upgrade: migrations first, then one process after the other is stopped and started again
    installation = site.installation
    with site.suffering("upgrade, one process after the other") as case, case.happening():
        installation.upgrade()
        for name in TWO_OF_EVERYTHING:
            program = installation.program(name)
            installation.supervisor.stop(program)
            time.sleep(STEP)
            installation.supervisor.add(program)
            site.wait_until_ready()
