"""Delays that find tests which depend on who comes first."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

from tests.delays import Delays

PROJECT = Path(__file__).parents[2]
LOOKS = """
from tests.servers.waiting import wait_until

def test_is_late():
    assert wait_until.__wrapped__(lambda: 7, 1, "") == 7
"""


def slept(seed: str, part: float, longest: float, times: int = 50) -> list[float]:
    """How long the calls of a function were delayed."""
    seconds: list[float] = []
    owner = SimpleNamespace(double=lambda number: 2 * number)
    Delays(seed, seconds.append).add(owner, "double", part, longest)
    assert [owner.double(number) for number in range(times)] == [2 * number for number in range(times)]
    return seconds


def test_delays_part_of_the_calls() -> None:
    assert slept("a", 0.0, 3.0) == []
    assert len(slept("a", 1.0, 3.0)) == 50
    assert 5 < len(slept("a", 0.5, 3.0)) < 45
    assert all(0 <= seconds <= 3.0 for seconds in slept("a", 1.0, 3.0))


def test_a_seed_delays_the_same_calls() -> None:
    assert slept("a", 0.5, 3.0) == slept("a", 0.5, 3.0) != slept("b", 0.5, 3.0)


def test_tests_get_what_is_delayed(tmp_path: Path) -> None:
    file = tmp_path / "test_late.py"
    file.write_text(LOOKS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.delays", "-c", "/dev/null", file],
        cwd=PROJECT, check=False, capture_output=True, text=True)
    assert "1 passed" in done.stdout, done.stdout
