"""Which metrics are exported: this process's, or those of all that share its address."""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import Final

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector

#: Names the folder in which processes that share an address keep what they count; the library's own.
DIRECTORY_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"


def enable_multiprocess() -> None:
    """Have the processes that this one becomes or starts count together.

    The library looks at this when it's imported, so it's for whoever starts another program.
    """
    os.environ[DIRECTORY_VARIABLE] = tempfile.mkdtemp(prefix="fmn-metrics-")


def remove_multiprocess_files() -> None:
    """Remove what was counted together, at the end."""
    if folder := os.environ.get(DIRECTORY_VARIABLE):
        shutil.rmtree(folder, ignore_errors=True)


def metrics_registry() -> CollectorRegistry:
    """What is exported."""
    if DIRECTORY_VARIABLE not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry
