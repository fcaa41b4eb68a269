"""Tests find the same environment however somebody starts them: here they start themselves, in odd ways."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
#: What a shell does that starts something in the background, with `nohup`, at a place of its own.
ODDLY = """
trap '' INT QUIT HUP TERM CHLD
umask 077
export LC_ALL=C LC_NUMERIC=C TZ=Pacific/Chatham PGUSER=somebody FMN_CONFIG=/nowhere http_proxy=http://127.0.0.1:9
exec "$@" <&-
"""
#: A child that tells what it inherited.
TELLS = """
import locale, os, signal, time
from pathlib import Path
status = dict(line.split(":\\t") for line in Path("/proc/self/status").read_text().splitlines())
ordinary = (1 << 31) - 1  # those that programs set by name; threads have some above them
print(*(int(status[which], 16) & ordinary for which in ("SigBlk", "SigIgn")))
print(f"{int(status['Umask'], 8):o}", locale.getencoding(), time.strftime("%z"))
print(os.environ.get("PGUSER"), os.environ.get("FMN_CONFIG"))
"""


def test_children_find_default_signals_and_the_usual_environment() -> None:
    told = subprocess.run(
        [sys.executable, "-c", TELLS], capture_output=True, text=True, check=True).stdout.splitlines()

    # Python itself has its child ignore two; the command line of an ordinary program none
    ignored_by_python = 1 << (signal.SIGPIPE - 1) | 1 << (signal.SIGXFSZ - 1)
    assert told == [f"0 {ignored_by_python}", "22 UTF-8 +0000", "None None"]


def test_files_are_open_to_the_users_that_servers_run_as(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o644


def test_times_are_those_of_utc() -> None:
    assert datetime.fromtimestamp(0).hour == 0  # noqa: DTZ006 - the local time is the question
    assert time.tzname[0] == "UTC"


@pytest.mark.parametrize("options", [("--numprocesses=1",), ("--capture=no",)], ids="_".join)
def test_holds_however_the_tests_are_started(options: Sequence[str]) -> None:
    command = [
        sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options, "-k", "not started", __file__]

    started = subprocess.run(
        ["/bin/sh", "-c", ODDLY, "sh", *command], cwd=PROJECT, capture_output=True, text=True, check=False)

    assert started.returncode == os.EX_OK, started.stdout + started.stderr
    assert "3 passed" in started.stdout
