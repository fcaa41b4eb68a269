"""FMN dies at each of its steps: nothing is lost, and nothing is sent twice but what was in doubt."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.simulation.bugs import BUGS
from tests.simulation.expectation import Duty, Expectation, ExpectedNotification
from tests.simulation.workloads import PACKAGES, phases_about

PROJECT = Path(__file__).parents[2]
#: What `make test` has time for; each planted bug is found within the first 40. `make simulate` does more.
SEEDS = 40
#: Runs within which a bug has to be found.
SOON = 300
#: What bugs are found by, and what is said of them.
FOUND_AT_POINTS = {"commit-after-sends": "are in doubt at once", "ack-before-commit": "is acknowledged, and"}
FOUND_BY_SEEDS = {
    "send-without-claim": "was sent 2 times|isn't done",
    "ack-before-commit": "is acknowledged, and",
    "spool-forgets-before-commit": "is in the ledger 0 times",
    "no-sweep": "was never told of",
    "claims-never-end": "was never told of",
    "another-key-each-time": "was told of",
}


#: The command. It takes over clock and SQLite of its Python, so that's one of its own.
COMMAND = (sys.executable, "-m", "tests.simulation", "--as-json")
#: In which the same comes of it each time.
ENVIRONMENT = {**os.environ, "PYTHONHASHSEED": "0"}

Report = dict[str, Any]
Simulate = Callable[..., Report]


@pytest.fixture(scope="module")
def simulated() -> Iterator[Simulate]:
    """Returns what came of a simulation, by its options. What all begin with takes 2 s and is made once."""
    with subprocess.Popen(
        [*COMMAND, "--orders"], cwd=PROJECT, env=ENVIRONMENT, text=True, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        @cache
        def report_of(*options: str) -> Report:
            assert process.stdin is not None
            assert process.stdout is not None
            print(json.dumps(["--as-json", *options]), file=process.stdin, flush=True)
            report: Report = json.loads(process.stdout.readline())
            return report

        yield report_of


def simulated_alone(*options: str) -> Report:
    """What came of a simulation that somebody starts."""
    done = subprocess.run(
        [*COMMAND, *options], cwd=PROJECT, env=ENVIRONMENT, check=False, capture_output=True, text=True)
    assert done.stdout, done.stderr
    report: Report = json.loads(done.stdout)
    assert bool(done.returncode) is bool(report["failed"])
    return report


def said_of(report: Report) -> str:
    """What was wrong with the first run that failed."""
    faults: list[str] = next(iter(report["failed"].values()))
    return "\n".join(faults)


@pytest.mark.timeout(3_600)  # beside many neighbours; alone it takes a minute
def test_whichever_step_a_process_dies_at_everything_is_sent_once(simulated: Simulate) -> None:
    # What happens to a package makes no difference to the others, and runs about one alone are short.
    report = simulated("--points", "--apart")
    assert report["failed"] == {}
    # And it was stopped in the middle of all that there is.
    assert report["steps"].keys() == {"commit", "spool commit", "publish", "ack", "send", "clock reading"}
    assert report["points"] == 2 * sum(report["steps"].values())
    # At each point where what outlives it is another: after each step but a reading of the clock, at least.
    effects = sum(report["steps"].values()) - report["steps"]["clock reading"]
    assert report["deaths"] == report["runs"] - len(PACKAGES) >= effects
    # What was sent twice was in doubt, which is so after about each send.
    assert report["doubled"] >= report["steps"]["send"]


@pytest.mark.timeout(3_600)
def test_whatever_two_processes_do_at_the_same_time_everything_is_sent_once(simulated: Simulate) -> None:
    report = simulated("--seeds", str(SEEDS))
    assert report["failed"] == {}
    assert report["runs"] == SEEDS
    assert report["deaths"] > SEEDS / 2


class TestBugs:
    """Put in on purpose, each is found, and what it's found by makes it again."""

    @pytest.mark.timeout(3_600)
    @pytest.mark.parametrize("bug", FOUND_AT_POINTS)
    def test_is_found_at_a_crash_point(self, simulated: Simulate, bug: str) -> None:
        report = simulated("--points", "--bug", bug)
        assert report["runs"] <= SOON
        assert re.search(FOUND_AT_POINTS[bug], said_of(report))

    @pytest.mark.timeout(3_600)
    @pytest.mark.parametrize("bug", FOUND_BY_SEEDS)
    def test_is_found_by_a_seed(self, simulated: Simulate, bug: str) -> None:
        report = simulated("--seeds", str(SOON), "--bug", bug)
        assert re.search(FOUND_BY_SEEDS[bug], said_of(report))

    @pytest.mark.timeout(3_600)
    @pytest.mark.parametrize("options", [("--points",), ("--seeds", str(SOON))], ids="-".join)
    def test_is_found_again_by_what_found_it(self, simulated: Simulate, options: Sequence[str]) -> None:
        failed = simulated(*options, "--bug", "commit-after-sends")["failed"]
        again = next(iter(failed))
        alone = simulated_alone(*again.split(), "--bug", "commit-after-sends")
        assert alone["failed"][again] == failed[again]

    def test_none_is_left_out(self) -> None:
        assert {*FOUND_AT_POINTS, *FOUND_BY_SEEDS} == BUGS.keys()


class TestExpectation:
    """It's worked out without FMN, so it has to be right by itself."""

    def test_whoever_changed_their_mind_may_be_told_of_what_came_in_that_moment(self) -> None:
        duties = Expectation(phases_about(["kernel"])).duties
        leaver = [duties[
            ExpectedNotification("leaver@example.org", f"2026-kernel-{number}")] for number in (1, 2, 3)]
        assert leaver == [Duty.MUST, Duty.MAY, Duty.NEVER]
        changer = [duties[
            ExpectedNotification("changer@example.org", name)] for name in ("2026-kernel-3", "2026-vim-1")]
        assert changer == [Duty.NEVER, Duty.MUST]

    def test_nobody_is_told_of_what_recovered_in_time(self) -> None:
        duties = Expectation(phases_about(["httpd"])).duties
        told = [duties[
            ExpectedNotification("patient@example.org", f"2026-httpd-{number}")] for number in (1, 2, 3, 4)]
        assert told == [Duty.NEVER, Duty.NEVER, Duty.MUST, Duty.MUST]

    def test_what_is_missing_and_what_is_too_much_is_told(self) -> None:
        expectation = Expectation(phases_about(PACKAGES))
        assert "solo@example.org was never told of 2026-kernel-1" in set(expectation.faults_of([], {}))
