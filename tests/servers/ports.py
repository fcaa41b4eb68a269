"""Free ports on loopback."""

from __future__ import annotations

import contextlib
import os
import random
import socket
from collections.abc import Sequence

#: Linux takes the local ports of outgoing connections from 32768 upwards. Below it, nobody's
#: connection can settle on a server's port while a test keeps that server down.
CANDIDATES = range(20000, 32768)

_given: set[int] = set()


def own_candidates() -> Sequence[int]:
    """The candidates of this process alone, of those that share the tests.

    A port that one was given may not be in use yet when another one asks.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    return CANDIDATES[int(worker)::int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))]


def free_port() -> int:
    """A port that nobody listens on and that this process hasn't been given before."""
    candidates = own_candidates()
    for port in random.sample(candidates, len(candidates)):
        if port not in _given and _is_free(port):
            _given.add(port)
            return port
    raise RuntimeError(f"no port between {CANDIDATES.start} and {CANDIDATES.stop} is free")


def _is_free(port: int) -> bool:
    with socket.socket() as probe, contextlib.suppress(OSError):
        probe.bind(("127.0.0.1", port))
        return True
    return False
