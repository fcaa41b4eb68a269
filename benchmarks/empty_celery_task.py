"""Celery's workers for :mod:`benchmarks.baselines`: a task that only leaves a byte, to be counted."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from celery import Celery

app = Celery(broker=os.environ.get("BENCHMARK_BROKER"))
app.conf.update(task_ignore_result=True, task_default_queue="empty-celery", worker_hijack_root_logger=False)


@cache
def _file() -> int:
    return os.open(os.environ["BENCHMARK_FILE"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)


def _leave_a_byte() -> None:
    os.write(_file(), b".")


_TASK: Any = app.task(name="leave_a_byte")(_leave_a_byte)


def task() -> Any:
    """The task, in the queue of the broker that the environment names."""
    return _TASK
