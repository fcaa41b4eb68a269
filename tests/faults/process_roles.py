"""Which process does what: of each kind there are two, and of some only one is at work."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from contextlib import suppress

from tests.servers.waiting import wait_until
from tests.system.installation import Installation

#: Seconds within which a restarted process is ready, also on a machine with other things to do.
READY = 150.0
#: The processes of each kind: of each there is another one to take over.
CONSUMERS, WORKERS = ("consumer-1", "consumer-2"), ("worker-1", "worker-2")
BACKENDS, SCHEDULERS = ("backend-1", "backend-2"), ("scheduler-1", "scheduler-2")
TWO_OF_EVERYTHING = (*CONSUMERS, *WORKERS, *BACKENDS, *SCHEDULERS)


def active_backend(installation: Installation) -> str:
    """The backend that delivers; of two that do, the one that did last."""
    return _said_last(installation, BACKENDS, "deliveries recorded")


def leader(installation: Installation) -> str:
    """The scheduler that leads."""
    return _said_last(installation, SCHEDULERS, "this scheduler leads")


def standby(names: Sequence[str], active: str) -> str:
    """The other one."""
    [other] = set(names) - {active}
    return other


def kill(installation: Installation, name: str, *, child: bool = False) -> None:
    """Kill a process, or the one in which dramatiq does the work, as soon as it runs.

    Returns when somebody has noticed.
    """
    program = installation.program(name)
    starts = program.starts

    def killed() -> bool:
        with suppress(ProcessLookupError):
            os.kill(program.child if child else program.main, signal.SIGKILL)
            return True
        return False

    wait_until(killed, READY, f"{name} doesn't run")
    if not child:
        wait_until(lambda: program.starts > starts, READY, f"nobody starts {name} again")


def _said_last(installation: Installation, names: Sequence[str], text: str) -> str:
    return max(names, key=lambda name: installation.program(name).last_said(text))
