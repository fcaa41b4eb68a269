"""Runner of configuration checks: in parallel, with a time-out for each."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from typing import Final

from fmn.settings.check_results import CheckResult, ConfigCheck, failed

#: Seconds that a check has in all. Each has shorter limits of its own for what it waits for.
TIMEOUT_SECONDS: Final = 15.0


def run(checks: Sequence[ConfigCheck], timeout_seconds: float = TIMEOUT_SECONDS) -> Iterator[CheckResult]:
    """Run the checks; yields their results, in the order of the checks."""
    running = [(check, _start(check)) for check in checks]
    until = time.monotonic() + timeout_seconds
    for check, found in running:
        try:
            yield from found.result(max(0.0, until - time.monotonic()))
        except TimeoutError:
            yield failed(
                check.subject, f"no answer within {timeout_seconds:g} seconds: is something in between?")


def _start(check: ConfigCheck) -> Future[list[CheckResult]]:
    found: Future[list[CheckResult]] = Future()
    # A daemon: what hangs in a system call mustn't keep the command from ending.
    threading.Thread(
        target=_run_check, args=(check, found), name=f"check {check.subject}", daemon=True).start()
    return found


def _run_check(check: ConfigCheck, found: Future[list[CheckResult]]) -> None:
    try:
        found.set_result(list(check.run()))
    except Exception as error:  # noqa: BLE001 - whatever it is, the other checks have something to say
        found.set_result([failed(check.subject, f"checking it failed: {type(error).__name__}: {error}")])
