"""How several processes share the tests: who collects first, the order, what stays together, what is shown.

pytest-xdist hands out a file at a time, a folder of :data:`TOGETHER`, or all of :data:`WITH_RABBITMQ`. What
takes longest comes first, so that no process is left with a long file while the others have nothing to do.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

#: Folders whose tests stay in one process. The system's tests and the faults start many processes themselves:
#: one of each at a time. IRC's mostly wait: if several did so at once, a processor would have nothing to do.
#: The playbooks' tests share what Ansible writes, which takes long.
TOGETHER: Final = (
    "tests/system", "tests/integration/delivery/irc", "tests/faults", "tests/integration/deploy")
#: Files whose tests use RabbitMQ, which works for 3 s to start: one process starts it for all of them.
WITH_RABBITMQ: Final = (
    "tests/integration/monitoring/test_process_endpoints.py",
    "tests/integration/test_servers.py",
    "tests/peers/test_fedora_messaging.py",
    "tests/integration/administration/test_queues.py",
    "tests/integration/config_check/test_broker.py",
    "tests/integration/config_check/test_fedora_messaging.py",
    "tests/integration/demo/test_bus.py",
    "tests/integration/infra/test_queue_handover.py",
    "tests/integration/infra/test_rabbitmq.py",
    "tests/integration/sources/fedora_messaging/test_both_buses.py",
    "tests/integration/sources/fedora_messaging/test_publisher.py",
    "tests/integration/sources/fedora_messaging/test_source.py",
)
#: What takes longest, the longest first, and beside what waits what works. Everything else follows by its
#: path; unit tests, the shortest, last.
FIRST: Final = (
    *TOGETHER[:2], "tests/simulation", TOGETHER[2], *WITH_RABBITMQ, "tests/browser", TOGETHER[3],
    "tests/fuzz", "tests/integration/ledger", "tests/integration/matching", "tests/integration/sources",
    "tests/integration/webapp")
LAST: Final = "tests/unit"
#: The property of a report that has what a test wants to be shown when it passes, too.
FIGURES: Final = "figures"


@contextmanager
def first_alone(file: Path) -> Iterator[None]:
    """Let the first process that comes be alone, and all others go on together after it: a file is locked."""
    with file.open("rb") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(opened, fcntl.LOCK_SH)
        yield


def unit_of(node_id: str) -> str:
    """Return what a test stays in one process with: a folder, all that use RabbitMQ, or its file."""
    file = node_id.partition("::")[0]
    if file in WITH_RABBITMQ:
        return "RabbitMQ"
    return next((folder for folder in TOGETHER if file.startswith(f"{folder}/")), file)


def longest_first(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """Return the tests in the order in which they're handed out; those of a file keep theirs."""
    return sorted(items, key=lambda item: _place_of(item.nodeid))


def _place_of(node_id: str) -> int:
    first = next((place for place, path in enumerate(FIRST) if node_id.startswith(path)), len(FIRST))
    return len(FIRST) + 1 if node_id.startswith(LAST) else first


def make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Return a scheduler of pytest-xdist that hands out units (:func:`unit_of`)."""
    from xdist.scheduler import LoadScopeScheduling  # noqa: PLC0415 - only where it's installed and used

    class ByUnit(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
        """Hands out a unit at a time."""

        def _split_scope(self, nodeid: str) -> str:
            return unit_of(nodeid)

    config.option.loadscopereorder = False  # it would go by the number of tests
    return ByUnit(config, log)


def figures_in(stats: Mapping[str, Iterable[Any]]) -> list[str]:
    """Return what tests wanted to be shown, from the reports of a run."""
    every = [report for reports in stats.values() for report in reports]
    calls = [report for report in every if getattr(report, "when", "") == "call"]
    return [str(text) for report in calls for name, text in report.user_properties if name == FIGURES]
