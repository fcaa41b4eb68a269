"""Lock that keeps a second ``fmn up`` from running with the same ini file."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

#: Name of the lock file. It stays when its process ends, the lock doesn't.
LOCK_FILE = "fmn-up.lock"


@contextmanager
def single_instance(directory: Path, config: Path) -> Iterator[None]:
    """Hold the lock of a directory, which is made if it isn't there.

    :raises click.ClickException: another process holds it; the text has its number
    """
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / LOCK_FILE).open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.readline().strip() or "unknown"
            raise click.ClickException(
                f"process {holder} runs fmn up with {config.name} already: stop it first, or name another "
                "ini file with --config") from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
