"""The alert rules, as Prometheus itself reads them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

RULES = Path(__file__).parents[3] / "deploy" / "monitoring" / "alerts.yml"
EXAMPLES = Path(__file__).with_name("alerts_test.yml")


def promtool(*arguments: str | Path) -> str:
    program = shutil.which("promtool")
    if program is None:
        if os.environ.get("CI"):
            raise AssertionError("prometheus isn't installed")
        pytest.skip("prometheus isn't installed: run `make test`, which installs it on Debian")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_prometheus_takes_them() -> None:
    assert "rules found" in promtool("check", "rules", RULES)


def test_each_tells_of_what_it_is_for_and_of_nothing_else() -> None:
    assert "SUCCESS" in promtool("test", "rules", EXAMPLES)
