"""A machine's clock is set: by hand, by a time server, or because a guest was asleep."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.roles import BACKENDS, CONSUMERS, SCHEDULERS, WORKERS, active_backend, leader
from tests.faults.site import Site

#: Seconds for which the clock is wrong.
LASTS = 8.0
AHEAD, BEHIND = "+7200", "-7200"


@pytest.fixture
def library() -> str:
    """What makes a process's clock go wrong. Skips where it isn't installed."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        pytest.skip("needs Debian's faketime")
    return str(found[0])


@contextmanager
def clocks(site: Site, names: Sequence[str], library: str) -> Iterator[dict[str, Path]]:
    """Run these processes with clocks that show what is in a file: so many seconds more or less."""
    files = {name: site.directory / f"{name}.clock" for name in names}
    for name, file in files.items():
        file.write_text("+0")
        site.run_anew(name, {
            "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": str(file), "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1"})
    site.wait_until_ready()
    try:
        yield files
    finally:
        for name in names:
            site.run_anew(name, {})
        site.wait_until_ready()


def which(site: Site, kind: Sequence[str]) -> str:
    """The one of a kind that is at work, if only one is."""
    if kind is BACKENDS:
        return active_backend(site.installation)
    return leader(site.installation) if kind is SCHEDULERS else kind[0]


@pytest.mark.parametrize("off", [AHEAD, BEHIND])
@pytest.mark.parametrize(("who", "kind"), [
    ("a consumer", CONSUMERS), ("a worker", WORKERS), ("the active backend", BACKENDS),
    ("the leading scheduler", SCHEDULERS),
])
def test_jumps(site: Site, library: str, who: str, kind: Sequence[str], off: str) -> None:
    with clocks(site, kind, library) as files:
        words = "ahead" if off is AHEAD else "behind"
        with site.suffering(f"clock of {who} 2 h {words} for {LASTS:g} s") as case:
            clock = files[which(site, kind)]
            with case.happening():
                clock.write_text(off)
                time.sleep(LASTS)
                clock.write_text("+0")
