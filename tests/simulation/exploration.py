"""Trying all crash points of a workload, and many seeds."""

from __future__ import annotations

import os
import pickle
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.simulation.environment import Site
from tests.simulation.runs import Outcome, Plan, Run
from tests.simulation.virtual_processes import Kind, Point, Process
from tests.simulation.workloads import PACKAGES

#: About so many points has a run about all packages; a process that is to die does so somewhere there.
POINTS: Final = 1_000


@dataclass(frozen=True)
class Died:
    """What came of a run that died at a point. What else there's to know of it stays in its Python."""

    faults: Sequence[str]
    deaths: Sequence[Point]
    doubled: int


@dataclass
class Report:
    """What came of many runs: what those that failed had wrong, by the command that makes them again."""

    runs: int = 0
    deaths: int = 0
    #: How often something was sent again, since it couldn't be known whether it had been.
    doubled: int = 0
    steps: Counter[Kind] = field(default_factory=Counter)
    points: int = 0
    failed: dict[str, list[str]] = field(default_factory=dict)

    def add(self, outcome: Outcome | Died, again: str) -> None:
        """Count one more, which ``again`` makes again."""
        self.runs += 1
        self.deaths += len(outcome.deaths)
        self.doubled += outcome.doubled
        if outcome.faults:
            self.failed[again] = [*map(str, outcome.deaths), *outcome.faults]


class CrashPoints:
    """Lets the process of a run die at each of its points, in a Python that is forked off there.

    The one that goes on isn't disturbed by it. At points between which nothing changed that outlives the
    process, the same would happen: unless ``every`` one is wanted, one of them stands for all, and what
    happens long after the death is left out. ``only`` is the number of the only one to try. It stops when
    ``enough`` says so.
    """

    def __init__(
        self, site: Site, report: Report, *, every: bool = False, only: int | None = None,
        enough: Callable[[], bool] = lambda: False,
    ) -> None:
        self._site, self._report, self._every, self._only, self._enough = site, report, every, only, enough
        self._known: set[object] = set()
        #: Where what comes of the run is told, in a fork.
        self._result: int | None = None

    def explore(self, plan: Plan) -> None:
        """Do the run, and all those that die."""
        run = Run(self._site, plan)
        run.machine.at_point = lambda process, point: self._at_point(run, process, point)
        outcome = run.go()
        if self._result is not None:
            with os.fdopen(self._result, "wb") as pipe:
                pickle.dump(Died(outcome.faults, outcome.deaths, outcome.doubled), pipe)
            os._exit(0)
        self._report.add(outcome, f"--seeds 0{_about(plan)}")
        self._report.steps.update(outcome.steps)
        self._report.points += len(outcome.points)

    def _at_point(self, run: Run, process: Process, point: Point) -> None:
        if self._result is None and self._is_wanted(run, point) and not self._enough():
            self._known.add(run.state)
            folder = Path(tempfile.mkdtemp(dir=self._site.folder))
            reading, writing = os.pipe()
            if os.fork() == 0:
                os.close(reading)
                self._die(run, process, folder, writing)
                return
            os.close(writing)
            self._report.add(_told(reading), f"--point {point.number}{_about(run.plan)}")
            shutil.rmtree(folder)

    def _is_wanted(self, run: Run, point: Point) -> bool:
        if self._only is not None:
            return point.number == self._only
        return self._every or run.state not in self._known

    def _die(self, run: Run, process: Process, folder: Path, result: int) -> None:
        self._result = result
        random.seed(run.plan.seed)  # Python seeds it anew in a fork
        self._site.storage.move(folder)
        process.killed = True
        if not self._every:
            run.shorten()


def _about(plan: Plan) -> str:
    """The options for the packages of a plan, if it isn't about all."""
    return "" if plan.packages == PACKAGES else "".join(f" --about {package}" for package in plan.packages)


def _told(reading: int) -> Died:
    """What came of a fork."""
    with os.fdopen(reading, "rb") as pipe:
        content = pipe.read()
    os.wait()
    died: Died = pickle.loads(content) if content else Died(["Python itself died"], [], 0)  # noqa: S301 - our own
    return died


def plan_of(seed: int) -> Plan:
    """What happens in the run with this seed."""
    chance = random.Random(seed)
    packages = chance.sample(PACKAGES, chance.choice([1, 1, 1, 2, 3]))
    most = POINTS * len(packages) // len(PACKAGES)
    return Plan(
        seed=seed, processes=chance.choice([1, 2, 2, 2]), packages=packages,
        crashes=sorted(chance.sample(range(most), chance.choice([0, 1, 1, 2, 3]))),
        rough=chance.choice([True, False]), forgets=chance.choice([True, False, False, False]))
