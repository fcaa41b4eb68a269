"""Description of the machine that benchmarks run on, without names or addresses."""

from __future__ import annotations

import os
import platform
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

CPU_INFO: Final = Path("/proc/cpuinfo")
GIBIBYTE: Final = 2**30


@dataclass(frozen=True)
class Machine:
    """A kind of machine: results of two of the same kind can be compared."""

    cores: int
    cpu: str
    memory_gib: int
    system: str

    @property
    def slug(self) -> str:
        """A name for files."""
        return re.sub(r"[^a-z0-9]+", "-", "-".join(map(str, asdict(self).values())).lower()).strip("-")

    def __str__(self) -> str:
        return f"{self.cores} cores ({self.cpu}), {self.memory_gib} GiB, {self.system}"


def this_machine() -> Machine:
    """The machine that this process runs on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Machine(len(os.sched_getaffinity(0)), _cpu(), round(memory / GIBIBYTE), _system())


def _cpu() -> str:
    try:
        lines = CPU_INFO.read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.machine())


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.system()
