"""Results of earlier runs, kept in a file for each kind of machine: date, commit and what was measured.

A line is a run as JSON. Nothing is ever removed, so the files show how FMN's speed changed.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from benchmarks.machine import Machine
from benchmarks.reporting import Measurement, from_entry, to_entry

ROOT: Final = Path(__file__).resolve().parents[1]
#: Where the files are, within the folder of results.
MACHINES: Final = "machines"


@dataclass(frozen=True)
class Run:
    """What benchmarks measured at some commit, by the benchmark's name.

    It's ``changed`` if there were changes that weren't committed.
    """

    machine: Machine
    date: datetime
    commit: str
    changed: bool
    results: Mapping[str, Sequence[Measurement]]

    def to_json(self) -> str:
        """The run as a line."""
        results = {name: list(map(to_entry, measured)) for name, measured in self.results.items()}
        return json.dumps({**asdict(self), "date": self.date.isoformat(), "results": results})

    @classmethod
    def from_json(cls, line: str) -> Self:
        """The run of a line."""
        entry: dict[str, Any] = json.loads(line)
        return cls(
            Machine(**entry["machine"]), datetime.fromisoformat(entry["date"]), entry["commit"],
            entry["changed"],
            {name: list(map(from_entry, measured)) for name, measured in entry["results"].items()})

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d %H:%M}, commit {self.commit or 'unknown'}{' and changes' * self.changed}"


class KeptResults:
    """The runs on one kind of machine, in a folder of files."""

    def __init__(self, folder: Path, machine: Machine) -> None:
        self.path = folder / MACHINES / f"{machine.slug}.jsonl"

    def runs(self) -> Sequence[Run]:
        """All runs, the oldest first."""
        if not self.path.exists():
            return []
        return [Run.from_json(line) for line in self.path.read_text(encoding="utf-8").splitlines()]

    def last_with(self, benchmark: str) -> Run | None:
        """The last run with results of a benchmark."""
        return next((run for run in reversed(self.runs()) if benchmark in run.results), None)

    def keep(self, run: Run) -> None:
        """Add a run."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(run.to_json() + "\n")


def current_run(machine: Machine, results: Mapping[str, Sequence[Measurement]]) -> Run:
    """A run of just now, of what is checked out."""
    return Run(
        machine, datetime.now(UTC).replace(microsecond=0), _git("rev-parse", "--short=12", "HEAD"),
        bool(_git("status", "--porcelain", "--untracked-files=no")), results)


def _git(*arguments: str) -> str:
    try:
        return subprocess.run(
            ["git", *arguments], cwd=ROOT,  # noqa: S607 - wherever it's installed
            capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):  # an archive of the source has no commits
        return ""


def changes(
    measured: Sequence[Measurement], before: Sequence[Measurement],
) -> Iterator[tuple[Measurement, Measurement | None]]:
    """Measurements with the earlier ones of the same names and units."""
    known = {(each.name, each.unit): each for each in before}
    return ((each, known.get((each.name, each.unit))) for each in measured)
