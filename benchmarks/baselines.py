"""What other programs make of the same machine and servers: bare smtplib, and empty tasks of two libraries.

A task queue's rate with tasks that do nothing is the most that a program made of such tasks could reach if
its own work were free.
"""

from __future__ import annotations

import importlib.util
import os
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.discarding_mail_server import Sink
from benchmarks.reporting import Measurement
from tests.servers.waiting import wait_until

ROOT: Final = Path(__file__).resolve().parents[1]
#: Mails, and connections and threads that they're sent over.
MAILS, CONNECTIONS = 8_000, 4
TASKS: Final = 8_000
#: Tasks that are done before the measurement begins, so that all processes have started.
WARM_UP: Final = 1_000
#: Seconds.
PATIENCE: Final = 120.0
#: As long as FMN's are in the median.
MAIL: Final = b"\r\n".join([b"From: fmn@example.org", b"Subject: something was built", b"",
                            *[b"Some text of a line."] * 200, b""])
#: Say to tasks where each leaves a byte, and which broker they come from. FMN refuses unknown FMN_ variables.
FILE_VARIABLE, BROKER_VARIABLE = "BENCHMARK_FILE", "BENCHMARK_BROKER"


def bare_smtplib(sink: Sink) -> Measurement:
    """Mails a second that the mail server takes from :mod:`smtplib`, over connections that are kept."""
    def send(count: int) -> None:
        with smtplib.SMTP(sink.host, sink.port) as smtp:
            for _ in range(count):
                smtp.sendmail("fmn@example.org", ["alice@example.org"], MAIL)

    began = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(send, [MAILS // CONNECTIONS] * CONNECTIONS))
    took = time.perf_counter() - began
    sink.take(MAILS, PATIENCE)
    return Measurement(f"bare smtplib, {CONNECTIONS} connections", MAILS / took, "mails/s")


def empty_tasks(directory: Path, broker_url: str) -> Iterator[Measurement]:
    """Empty tasks a second that workers of Dramatiq and, if it's installed, of Celery take from a queue."""
    from benchmarks import empty_dramatiq_task  # noqa: PLC0415 - it opens its broker when it's imported

    os.environ |= {FILE_VARIABLE: str(directory / "dramatiq"), BROKER_VARIABLE: broker_url}
    yield _rate(
        "Dramatiq, empty tasks", directory / "dramatiq", empty_dramatiq_task.actor().send,
        "dramatiq", "benchmarks.empty_dramatiq_task", "-p", "2", "-t", "4")
    if importlib.util.find_spec("celery") is None:
        print('Not measured: Celery. Install it with: pip install "fmn[bench]"', file=sys.stderr)
        return
    from benchmarks import empty_celery_task  # noqa: PLC0415 - it's an extra

    os.environ[FILE_VARIABLE] = str(directory / "celery")
    yield _rate(
        "Celery, empty tasks", directory / "celery", empty_celery_task.task().delay,
        "celery", "--app", "benchmarks.empty_celery_task", "worker", "--concurrency", "2",
        "--loglevel", "ERROR", "--without-gossip", "--without-mingle")


@contextmanager
def _running(program: str, *arguments: str) -> Iterator[None]:
    # Celery refuses to run as root otherwise.
    environment = {**os.environ, "C_FORCE_ROOT": "true"}
    process = subprocess.Popen([sys.executable, "-m", program, *arguments], cwd=ROOT, env=environment,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _rate(name: str, done: Path, send: Callable[[], object], *command: str) -> Measurement:
    """How fast workers, started by ``command``, do the tasks of a queue that has all of them."""
    for _ in range(WARM_UP + TASKS):
        send()
    with _running(*command):
        _wait_for(name, done, WARM_UP)
        began, left = time.perf_counter(), WARM_UP + TASKS - done.stat().st_size
        _wait_for(name, done, WARM_UP + TASKS)
        return Measurement(name, left / (time.perf_counter() - began), "tasks/s")


def _wait_for(name: str, done: Path, count: int) -> None:
    wait_until(lambda: done.exists() and done.stat().st_size >= count, PATIENCE, f"{name} aren't done")
