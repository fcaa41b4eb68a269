"""Checks side by side."""

from __future__ import annotations

from threading import Barrier, Event

from fmn.config_check.results import Check, Findings, Level, ok
from fmn.config_check.runner import run


def test_they_run_at_the_same_time_and_are_told_in_their_order() -> None:
    together = Barrier(3, timeout=10)

    def look(name: str) -> Findings:
        together.wait()
        yield ok(name, "met the others")

    checks = [Check(name, (), lambda name=name: look(name)) for name in "abc"]  # type: ignore[misc] # a default
    assert [finding.thing for finding in run(checks)] == ["a", "b", "c"]


def test_one_that_hangs_is_told_of_beside_the_others() -> None:
    released = Event()

    def hang() -> Findings:
        released.wait()
        yield ok("slow", "at last")

    slow, quick = run(
        [Check("slow", (), hang), Check("quick", (), lambda: iter([ok("quick", "done")]))], patience=0.2)
    released.set()
    assert (slow.thing, slow.level) == ("slow", Level.WRONG)
    assert slow.sentence.startswith("no answer within 0.2 seconds")
    assert quick.level is Level.OK


def test_one_that_fails_in_an_unforeseen_way_is_told_without_secrets() -> None:
    def fail() -> Findings:
        raise LookupError("no amqp://fmn:hush@host/\nin here")

    (finding,) = run([Check("odd", (), fail)])
    assert (finding.level, finding.sentence) == (
        Level.WRONG, "checking it failed: LookupError: no amqp://fmn:…@host/ in here")
