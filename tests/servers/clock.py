"""A machine's clock, as a process sees it, that can be set."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.servers.processes import ServerMissingError

#: For the folder of a Python program: libfaketime 0.9.10 makes the absolute times of ``clock_nanosleep()``,
#: which ``time.sleep()`` uses, invalid, and dramatiq ends of the OSError.
SITECUSTOMIZE = """\
import os
import select
import time

if "FAKETIME_TIMESTAMP_FILE" in os.environ:
    time.sleep = lambda seconds: select.select((), (), (), seconds) and None
"""


def let_sleep(folder: Path) -> None:
    """Let Python programs with this folder in PYTHONPATH sleep whose clock is a :class:`Clock`."""
    (folder / "sitecustomize.py").write_text(SITECUSTOMIZE)


class Clock:
    """It's right until it's set. Seconds pass as ever: only what the process takes the time to be changes.

    With ``monotonic`` the clocks that nobody can set are moved as well, as when a machine is paused.
    """

    def __init__(self, file: Path, *, monotonic: bool = False) -> None:
        """Raises :class:`ServerMissingError` where Debian's ``faketime`` isn't installed."""
        libraries = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        if not libraries:
            raise ServerMissingError("faketime")
        self._file = file
        self._library = libraries[0]
        self._monotonic = monotonic
        self.set(0)

    @property
    def environment(self) -> Mapping[str, str]:
        """What a process needs in its environment to see it."""
        return {
            "LD_PRELOAD": str(self._library), "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "0" if self._monotonic else "1"}

    def set(self, seconds: int) -> None:
        """So many seconds ahead of the time, or behind it."""
        self._file.write_text(f"{seconds:+}")
