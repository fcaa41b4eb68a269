"""The command ``python benchmarks/run.py``, with a benchmark that takes no time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import reporting, run
from benchmarks.machine import this_machine
from benchmarks.reporting import Measurement


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of results; every benchmark has its own results there and succeeds."""
    monkeypatch.setattr(reporting, "RESULTS", tmp_path)
    monkeypatch.setattr(run, "_succeeds", lambda name: name != "pages")
    monkeypatch.setattr(sys, "argv", ["run.py", "facts", "pages"])
    return tmp_path


def measured(value: float, unit: str = "µs") -> None:
    parsing = Measurement("parsing", 10, unit)
    reporting.write("facts", [parsing, Measurement("reading", value, unit).compared_with(parsing)])


def lines(results: Path) -> list[str]:
    [path] = (results / "machines").iterdir()
    return path.read_text(encoding="utf-8").splitlines()


def test_results_are_kept_and_printed_beside_the_last_ones(
    results: Path, capsys: pytest.CaptureFixture[str],
) -> None:
    # Given a run
    measured(20)
    assert run.main() == 1  # one benchmark failed
    first = capsys.readouterr()
    assert "kept for the first time" in first.out
    assert "The benchmark pages failed." in first.err

    # When another one is a quarter slower
    measured(25)
    run.main()

    # Then that's printed
    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("reading"))
    assert row.split() == ["reading", "25", "µs", "2.5", "×", "parsing", "20", "+25", "%"]
    # and both are kept
    runs = [json.loads(line) for line in lines(results)]
    assert [each["results"]["facts"][1]["value"] for each in runs] == [20, 25]
    assert all(list(each["results"]) == ["facts"] for each in runs)


def test_a_figure_in_another_unit_is_not_compared(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    measured(20, "µs")
    run.main()
    measured(25, "ms")
    capsys.readouterr()

    run.main()

    assert "%" not in capsys.readouterr().out


def test_a_run_says_when_where_and_of_what(results: Path) -> None:
    measured(20)
    run.main()

    [entry] = map(json.loads, lines(results))
    assert entry["machine"] == {
        "cores": this_machine().cores, "cpu": this_machine().cpu, "memory_gib": this_machine().memory_gib,
        "system": this_machine().system}
    assert entry["date"].endswith("+00:00")
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=run.ROOT, capture_output=True, text=True, check=False).stdout
    assert commit.startswith(entry["commit"])


def test_nothing_is_kept_of_failures(
    results: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["run.py", "pages"])

    assert run.main() == 1
    assert not (results / "machines").exists()


def test_an_unknown_benchmark_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["run.py", "sundial"])

    with pytest.raises(SystemExit):
        run.main()

    assert "there's no benchmark sundial" in capsys.readouterr().err
