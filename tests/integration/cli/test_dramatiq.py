"""Dramatiq's program, on a broker in memory."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from fmn.settings import CONFIG_VARIABLE
from tests.servers.processes import Process
from tests.servers.waiting import wait_until

#: Seconds; starting loads all of dramatiq.
SOON = 60.0
ACTORS = "import dramatiq\nfrom dramatiq.brokers.stub import StubBroker\ndramatiq.set_broker(StubBroker())\n"


def test_sighup_starts_it_anew_as_the_same_process(tmp_path: Path) -> None:
    # Given a worker
    (tmp_path / "actors.py").write_text(ACTORS)
    (tmp_path / "fmn.ini").write_text("[app:main]\n")
    log = tmp_path / "log"
    program = Process(
        [sys.executable, "-m", "fmn.cli.dramatiq", "actors", "-p", "1", "-t", "1", "--skip-logging"],
        log=log, environment={**os.environ, CONFIG_VARIABLE: str(tmp_path / "fmn.ini")})

    def ready(times: int) -> bool:
        assert program.running, program.end_of_log()
        return log.read_text().count("Worker process is ready for action") == times

    try:
        wait_until(lambda: ready(1), SOON, "it doesn't start")
        # When it's told to reload
        program.send(signal.SIGHUP)
        # Then it does
        wait_until(lambda: ready(2), SOON, "it doesn't start anew")
    finally:
        program.stop(signal.SIGTERM)
    assert "Traceback" not in log.read_text()
