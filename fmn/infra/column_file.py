"""File of columns: numbers and bytes that processes map into memory, which shares them between processes.

A line names the format, a header in JSON names each column's type, size and checksum, and the columns follow,
each at a multiple of 64 bytes. A file is written as a whole and replaced at once.
"""

from __future__ import annotations

import json
import mmap
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal
from zlib import crc32

MAGIC: Final = b"FMN columns 1\n"
#: Bytes of the header's length and of its checksum, of the longest header, and of a column's alignment.
NUMBER_BYTES: Final = 8
MAX_HEADER: Final = 1 << 20
ALIGNMENT: Final = 64

#: Types that columns may have: unsigned bytes, 32-bit and signed 64-bit numbers.
ColumnType = Literal["B", "I", "q"]
_TYPES: Final[Mapping[str, ColumnType]] = {"B": "B", "I": "I", "q": "q", "l": "q"}


class ColumnFileError(Exception):
    """A file isn't a file of columns, or isn't as it was written."""


def write_columns(path: Path, about: Mapping[str, Any], columns: Mapping[str, memoryview]) -> None:
    """Write a file that only its owner can read. ``about`` is JSON that describes the content.

    :raises OSError: it can't be written; a file from before stays
    """
    described = {"about": about, "columns": dict(_described(columns))}
    header = json.dumps(described).encode()
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(MAGIC + _number(len(header)) + _number(crc32(header)) + header)
            for column in columns.values():
                _pad(file)
                file.write(column)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def read_columns(path: Path) -> tuple[dict[str, Any], dict[str, memoryview]]:
    """What a file says about its content, and its columns, mapped from it.

    :raises OSError: it can't be read
    :raises ColumnFileError: it's another kind of file, or damaged
    """
    with path.open("rb") as file:
        header, start = _header(file)
        content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    return header["about"], dict(_columns(header["columns"], content, start))


def _number(number: int) -> bytes:
    return number.to_bytes(NUMBER_BYTES, "little")


def _described(columns: Mapping[str, memoryview]) -> Iterator[tuple[str, tuple[ColumnType, int, int]]]:
    for name, column in columns.items():
        yield name, (_TYPES[column.format], column.nbytes, crc32(column))


def _pad(file: BinaryIO) -> None:
    file.write(bytes(-file.tell() % ALIGNMENT))


def _header(file: BinaryIO) -> tuple[dict[str, Any], int]:
    """The header, and where it ends."""
    if file.read(len(MAGIC)) != MAGIC:
        raise ColumnFileError("it's no file of columns of this format")
    length, checksum = (int.from_bytes(file.read(NUMBER_BYTES), "little") for _ in range(2))
    header = file.read(min(length, MAX_HEADER))
    if not header or len(header) != length or crc32(header) != checksum:
        raise ColumnFileError("its header is damaged")
    described: dict[str, Any] = json.loads(header)
    return described, file.tell()


def _columns(
    described: Mapping[str, tuple[ColumnType, int, int]], content: memoryview, start: int,
) -> Iterator[tuple[str, memoryview]]:
    for name, (kind, size, checksum) in described.items():
        start += -start % ALIGNMENT
        part = content[start:start + size]
        if len(part) != size or crc32(part) != checksum:
            raise ColumnFileError(f"the column {name!r} is damaged")
        yield name, part.cast(kind)
        start += size
    if start != len(content):
        raise ColumnFileError("it has more than its header says")
