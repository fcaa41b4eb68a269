"""Which metrics are exported: this process's, or those of all that share its address."""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import Final

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector

#: Names the folder in which processes that share an address keep what they count; the library's own.
FOLDER_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"


def share() -> None:
    """Have the processes that this one becomes or starts count together.

    The library looks at this when it's imported, so it's for whoever starts another program.
    """
    os.environ[FOLDER_VARIABLE] = tempfile.mkdtemp(prefix="fmn-metrics-")


def stop_sharing() -> None:
    """Remove what was counted together, at the end."""
    if folder := os.environ.get(FOLDER_VARIABLE):
        shutil.rmtree(folder, ignore_errors=True)


def registry() -> CollectorRegistry:
    """What is exported."""
    if FOLDER_VARIABLE not in os.environ:
        return REGISTRY
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return together
