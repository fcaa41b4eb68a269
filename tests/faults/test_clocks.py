"""A machine's clock is set: by hand, by a time server, or because a guest was asleep."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest

from tests.faults.loaded_installation import Site
from tests.faults.process_roles import BACKENDS, CONSUMERS, SCHEDULERS, WORKERS, active_backend, leader
from tests.servers.clock import Clock
from tests.servers.processes import ServerMissingError

#: Seconds for which the clock is wrong.
LASTS = 8.0
#: Seconds by which it is.
AHEAD, BEHIND = 7200, -7200


@contextmanager
def clocks(site: Site, names: Sequence[str]) -> Iterator[Mapping[str, Clock]]:
    """Run these processes with clocks that can be set. Skips where there are none."""
    try:
        made = {name: Clock(site.directory / f"{name}.clock") for name in names}
    except ServerMissingError as error:
        pytest.skip(str(error))
    for name, clock in made.items():
        site.run_anew(name, clock.environment)
    site.wait_until_ready()
    try:
        yield made
    finally:
        for name in names:
            site.run_anew(name, {})
        site.wait_until_ready()


def which(site: Site, kind: Sequence[str]) -> str:
    """The one of a kind that is at work, if only one is."""
    if kind is SCHEDULERS:
        return leader(site.installation)
    return active_backend(site.installation) if kind is BACKENDS else kind[0]


@pytest.mark.parametrize("off", [AHEAD, BEHIND])
@pytest.mark.parametrize(("who", "kind"), [
    ("a consumer", CONSUMERS), ("a worker", WORKERS), ("the active backend", BACKENDS),
    ("the leading scheduler", SCHEDULERS)])
def test_jumps(site: Site, who: str, kind: Sequence[str], off: int) -> None:
    with clocks(site, kind) as by_name:
        words = "ahead" if off > 0 else "behind"
        with site.suffering(f"clock of {who} 2 h {words} for {LASTS:g} s") as case:
            clock = by_name[which(site, kind)]
            with case.happening():
                clock.set(off)
                time.sleep(LASTS)
                clock.set(0)
