from __future__ import annotations

import math

import pytest

from fmn.filters.conditions import CheckCondition
from fmn.matching.compiler import EvaluationTimeoutError
from fmn.matching.deadlines import CpuTimeLimit, Deadline, RequestAbandonedError

CHECK = CheckCondition("of the test", (), lambda _subject: True)


def test_asks_as_long_as_there_is_time_and_somebody_waits() -> None:
    deadline = Deadline()
    assert deadline.ends_at == math.inf
    deadline.end_in(3600)

    assert deadline.evaluate(CHECK, lambda: True)


def test_cpu_time_ends_however_little_of_it_the_thread_gets() -> None:
    now = 100.0
    meter = CpuTimeLimit(2.0, clock=lambda: now)
    assert meter.evaluate(CHECK, lambda: True)

    now = 102.5
    with pytest.raises(EvaluationTimeoutError):
        meter.evaluate(CHECK, lambda: pytest.fail("it was asked"))


def test_asks_nothing_any_more_when_time_is_up() -> None:
    deadline = Deadline()
    deadline.end_in(-1)

    with pytest.raises(EvaluationTimeoutError):
        deadline.evaluate(CHECK, lambda: pytest.fail("it was asked"))


def test_asks_nothing_any_more_when_nobody_waits() -> None:
    deadline = Deadline(lambda: True)

    with pytest.raises(RequestAbandonedError):
        deadline.check()
