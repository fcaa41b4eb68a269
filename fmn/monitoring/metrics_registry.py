"""The registry of exported metrics: of this process, or of all processes that share its address."""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import Final

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector

#: prometheus_client's variable with the folder in which processes that share an address keep their metrics.
DIRECTORY_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"


def enable_multiprocess() -> None:
    """Let the processes that this one becomes or starts share their metrics.

    prometheus_client reads the variable when it's imported, so this works only for programs started later.
    """
    os.environ[DIRECTORY_VARIABLE] = tempfile.mkdtemp(prefix="fmn-metrics-")


def remove_multiprocess_files() -> None:
    """Delete the shared metrics' files when the processes end."""
    if folder := os.environ.get(DIRECTORY_VARIABLE):
        shutil.rmtree(folder, ignore_errors=True)


def metrics_registry() -> CollectorRegistry:
    """The registry to export: shared metrics if they are enabled, else this process's."""
    if DIRECTORY_VARIABLE not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry
