"""The worst that anybody can write costs no parser much: neither memory nor time of the processor."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.security.parser_costs import SHAPES

#: Megabytes that the largest input may take while it's parsed. What comes from servers that the site has
#: chosen is larger, and parsed by workers, which have more.
MEGABYTES = 100
MORE_MEGABYTES = {"archive_page": 160, "directory_answer": 600}

CASES = [(target, shape) for target, shapes in SHAPES.items() for shape in shapes]
PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def measuring() -> Iterator[Callable[[str, str], dict[str, Any]]]:
    """Measures what a shape costs, in a process of its own, which ends when it takes too long."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.security.parser_costs"], cwd=PROJECT, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
    ) as process:
        asking, answers = process.stdin, process.stdout
        assert asking is not None
        assert answers is not None

        def measure(target: str, shape: str) -> dict[str, Any]:
            print(target, shape, sep="\t", file=asking, flush=True)
            found: dict[str, Any] = json.loads(answers.readline())
            return found

        yield measure
        asking.close()


@pytest.mark.parametrize(("target", "shape"), CASES)
def test_the_worst_input_is_read_or_refused_in_little_memory_and_time(
    measuring: Callable[[str, str], dict[str, Any]], target: str, shape: str,
) -> None:
    cost = measuring(target, shape)

    assert cost["end"] == "refused or read", cost
    assert cost["megabytes"] < MORE_MEGABYTES.get(target, MEGABYTES), cost
