"""Parsers of strangers' words hold what has broken one, and what a fuzzer finds soon."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

PROJECT = Path(__file__).parents[2]
CORPUS = Path(__file__).parent / "corpus"
#: Of each target, and inputs. With the start of the fuzzer all of it takes half a minute.
SECONDS, RUNS = 2, 250
#: In CI the same inputs each time, as of properties (``tests/hypothesis_profiles.py``); 0 is at random.
SEED = 1 if os.environ.get("CI") else 0


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_kept_is_read_or_refused(name: str) -> None:
    kept = sorted((CORPUS / name).iterdir())

    assert kept
    for path in kept:
        TARGETS[name].parse(path.read_bytes())


def test_every_folder_of_the_corpus_is_a_target_s() -> None:
    assert {path.name for path in CORPUS.iterdir()} == set(TARGETS)


@pytest.mark.timeout(600)
@pytest.mark.skipif(find_spec("atheris") is None, reason="there is no atheris for this interpreter")
def test_a_fuzzer_finds_nothing_soon(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.run", str(SECONDS), tmp_path], cwd=PROJECT, capture_output=True,
        text=True, check=False, timeout=580,
        env={**os.environ, "FUZZ_RUNS": str(RUNS), "FUZZ_SEED": str(SEED)})

    assert done.returncode == 0, f"{done.stdout[-1000:]}{done.stderr[-3000:]}"
    assert "broken: none" in done.stdout
