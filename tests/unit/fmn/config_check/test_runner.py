"""Checks side by side."""

from __future__ import annotations

from threading import Barrier, Event

from fmn.config_check.runner import run
from fmn.settings.check_results import CheckResults, ConfigCheck, Level, ok


def test_they_run_at_the_same_time_and_are_told_in_their_order() -> None:
    together = Barrier(3, timeout=10)

    def check(name: str) -> CheckResults:
        together.wait()
        yield ok(name, "met the others")

    checks = [ConfigCheck(name, (), lambda name=name: check(name)) for name in "abc"]  # type: ignore[misc] # a default
    assert [result.subject for result in run(checks)] == ["a", "b", "c"]


def test_one_that_hangs_is_told_of_beside_the_others() -> None:
    released = Event()

    def hang() -> CheckResults:
        released.wait()
        yield ok("slow", "at last")

    slow, quick = run(
        [ConfigCheck("slow", (), hang), ConfigCheck("quick", (), lambda: iter([ok("quick", "done")]))],
        timeout_seconds=0.2)
    released.set()
    assert (slow.subject, slow.level) == ("slow", Level.FAILED)
    assert slow.sentence.startswith("no answer within 0.2 seconds")
    assert quick.level is Level.OK


def test_one_that_fails_in_an_unforeseen_way_is_told_without_secrets() -> None:
    def fail() -> CheckResults:
        raise LookupError("no amqp://fmn:hush@host/\nin here")

    (result,) = run([ConfigCheck("odd", (), fail)])
    assert (result.level, result.sentence) == (
        Level.FAILED, "checking it failed: LookupError: no amqp://fmn:…@host/ in here")
