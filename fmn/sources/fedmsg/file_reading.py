"""Reads the files that the bus's settings name."""

from __future__ import annotations

from pathlib import Path

from fmn.sources.errors import BusError


def read_file(path: Path) -> bytes:
    """The content of a file.

    :raises BusError: the file can't be read
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise BusError(f"{path}: can't be read: {error.strerror}") from error
