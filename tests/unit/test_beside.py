"""Checks beside tests."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

BESIDE = Path(__file__).parents[1] / "beside.sh"
#: Ends only when it's interrupted, as pytest does in order.
ENDLESS = """trap 'echo interrupted; exit 2' INT; touch "$MAKE.begun"; while true; do sleep 0.05; done"""
FAKE = """#!/bin/sh
echo "made $*"
case "$*" in *bad*)
    until [ -e "$0.begun" ]; do sleep 0.05; done
    exit 2
esac
"""


@pytest.fixture
def make(tmp_path: Path) -> Path:
    """A ``make`` whose target ``bad`` fails once the tests have begun."""
    program = tmp_path / "make"
    program.write_text(FAKE)
    program.chmod(0o755)
    return program


def beside(make: Path, target: str, tests: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BESIDE, target, "--", "bash", "-c", tests], env={**os.environ, "MAKE": str(make)},
        check=False, capture_output=True, text=True)


@pytest.mark.parametrize("status", [0, 1, 5])
def test_what_passes_is_shown_and_what_tests_say_counts(make: Path, status: int) -> None:
    done = beside(make, "good", f"echo tested; exit {status}")

    assert done.returncode == status
    assert "tested" in done.stdout
    assert "made --no-print-directory --jobs 2 --output-sync good" in done.stdout


def test_a_check_that_fails_ends_the_tests_at_once(make: Path) -> None:
    done = beside(make, "bad", ENDLESS)

    assert done.returncode == 1
    # The tests end in order, and what was wrong comes last
    assert done.stdout.index("interrupted") < done.stdout.index("made ")
    assert done.stderr.endswith("The tests were interrupted, since checks failed: bad\n")


def test_a_check_that_fails_fails_tests_that_passed(make: Path) -> None:
    assert beside(make, "bad", 'touch "$MAKE.begun"').returncode == 1
