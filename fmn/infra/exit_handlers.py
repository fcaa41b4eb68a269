"""Exit handler that closes the connections of a process's databases.

:mod:`fmn` has nothing collected at exit, and only the last connection that is closed removes the ``-wal`` and
``-shm`` files beside a SQLite database.
"""

from __future__ import annotations

import atexit
from typing import Final
from weakref import WeakSet

from sqlalchemy import Engine

_ENGINES: Final[WeakSet[Engine]] = WeakSet()


def close_at_exit(engine: Engine) -> None:
    """Close the connections in an engine's pool when the process exits."""
    _ENGINES.add(engine)


@atexit.register
def _close_all() -> None:
    for engine in list(_ENGINES):
        engine.dispose()
