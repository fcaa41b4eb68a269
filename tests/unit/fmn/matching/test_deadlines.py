from __future__ import annotations

import math

import pytest

from fmn.filters.conditions import Check
from fmn.matching.compiler import OutOfTimeError
from fmn.matching.deadlines import CpuTime, NobodyWaitsError, Patience

CHECK = Check("of the test", (), lambda _subject: True)


def test_asks_as_long_as_there_is_time_and_somebody_waits() -> None:
    patience = Patience()
    assert patience.ends_at == math.inf
    patience.end_in(3600)

    assert patience.ask(CHECK, lambda: True)


def test_cpu_time_ends_however_little_of_it_the_thread_gets() -> None:
    now = 100.0
    meter = CpuTime(2.0, clock=lambda: now)
    assert meter.ask(CHECK, lambda: True)

    now = 102.5
    with pytest.raises(OutOfTimeError):
        meter.ask(CHECK, lambda: pytest.fail("it was asked"))


def test_asks_nothing_any_more_when_time_is_up() -> None:
    patience = Patience()
    patience.end_in(-1)

    with pytest.raises(OutOfTimeError):
        patience.ask(CHECK, lambda: pytest.fail("it was asked"))


def test_asks_nothing_any_more_when_nobody_waits() -> None:
    patience = Patience(lambda: True)

    with pytest.raises(NobodyWaitsError):
        patience.check()
