"""Processor time of processes, with that of their children, from ``/proc``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.system.process_supervisor import children_of

_TICKS: Final = os.sysconf("SC_CLK_TCK")


def processor_seconds(pid: int) -> float:
    """Seconds that processors worked for a process and its children, ended ones among them."""
    own = sum(map(int, _stat(pid)[11:15])) / _TICKS
    return own + sum(map(_seconds_if_alive, children_of(pid)))


def parent_of(pid: int) -> int:
    """The process that started a process."""
    return int(_stat(pid)[1])


def _seconds_if_alive(pid: int) -> float:
    # One that has ended meanwhile is in what its parent knows, the next time.
    try:
        return processor_seconds(pid)
    except (FileNotFoundError, ProcessLookupError):
        return 0.0


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the process's name: its state, its parent, and so on."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


class ProcessorTimes:
    """Processor times of processes by name, from when this is made."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = pids
        self._before = self._now()

    def passed(self) -> Mapping[str, float]:
        """Seconds of each process since then."""
        return {name: seconds - self._before[name] for name, seconds in self._now().items()}

    def _now(self) -> Mapping[str, float]:
        return {name: processor_seconds(pid) for name, pid in self._pids.items()}
