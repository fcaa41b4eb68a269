"""Runs checks side by side: what hangs holds up nobody, and is told of as well."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from typing import Final

from fmn.config_check.results import Check, Finding, wrong

#: Seconds that a check has in all. Each has shorter limits of its own for what it waits for.
PATIENCE: Final = 15.0


def run(checks: Sequence[Check], patience: float = PATIENCE) -> Iterator[Finding]:
    """What they find, in their order."""
    running = [(check, _begun(check)) for check in checks]
    until = time.monotonic() + patience
    for check, found in running:
        try:
            yield from found.result(max(0.0, until - time.monotonic()))
        except TimeoutError:
            yield wrong(check.thing, f"no answer within {patience:g} seconds: is something in between?")


def _begun(check: Check) -> Future[list[Finding]]:
    found: Future[list[Finding]] = Future()
    # A daemon: what hangs in a system call mustn't keep the command from ending.
    threading.Thread(target=_look, args=(check, found), name=f"check {check.thing}", daemon=True).start()
    return found


def _look(check: Check, found: Future[list[Finding]]) -> None:
    try:
        found.set_result(list(check.look()))
    except Exception as error:  # noqa: BLE001 - whatever it is, the other checks have something to say
        found.set_result([wrong(check.thing, f"checking it failed: {type(error).__name__}: {error}")])
