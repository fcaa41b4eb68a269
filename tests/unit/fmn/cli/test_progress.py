"""Progress bars are for people who look at a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

SCRIPT = """
from fmn.cli.progress import progress
with progress("Users", 10) as advance:
    for done in range(10):
        advance(1, f"{done + 1} new")
print("done")
"""


def run(stderr: int, term: str = "xterm") -> str:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, stderr=stderr, text=True, check=True,
        env={**os.environ, "TERM": term}).stdout


@pytest.mark.parametrize(("term", "drawn"), [("xterm", True), ("dumb", False)])
def test_a_terminal_shows_a_bar_on_standard_error(term: str, drawn: bool) -> None:
    terminal, inner = pty.openpty()
    said = run(inner, term)
    os.write(inner, b"end\n")
    shown = ""
    while not shown.endswith("end\r\n"):
        shown += os.read(terminal, 10_000).decode()
    os.close(terminal)
    os.close(inner)
    assert said == "done\n"
    assert ("Users  [####" in shown, "100%" in shown, "10 new" in shown) == (drawn, drawn, drawn)


def test_a_pipe_gets_nothing() -> None:
    assert run(subprocess.STDOUT) == "done\n"
