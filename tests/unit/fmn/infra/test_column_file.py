"""Columns in a file that is mapped."""

from __future__ import annotations

import os
from array import array
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fmn.infra.column_file import MAGIC, ColumnFileError, read_columns, write_columns

COLUMNS = {
    "ids": memoryview(array("q", [1, -2, 3])), "names": memoryview(b"moss"), "none": memoryview(array("I"))}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "columns"


def test_what_is_written_is_read(path: Path) -> None:
    write_columns(path, {"format": 1}, COLUMNS)
    about, columns = read_columns(path)

    assert about == {"format": 1}
    assert {name: column.tolist() for name, column in columns.items()} == {
        "ids": [1, -2, 3], "names": list(b"moss"), "none": []}
    assert path.stat().st_mode & 0o077 == 0


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_damage_is_noticed(path: Path, data: st.DataObject) -> None:
    # Given a file of which one byte is another, or the end is missing, or there is more
    write_columns(path, {}, {"ids": COLUMNS["ids"]})
    content = path.read_bytes()
    place = data.draw(st.integers(0, len(content) - 1))
    damaged = data.draw(st.sampled_from([
        content[:place], content + b"\0",
        content[:place] + bytes([content[place] ^ 1 << data.draw(st.integers(0, 7))]) + content[place + 1:]]))
    path.unlink()
    path.write_bytes(damaged)
    # When it's read, then it's refused, or the byte is one that says nothing
    try:
        _, columns = read_columns(path)
    except ColumnFileError:
        return
    assert columns.popitem()[1].tolist() == [1, -2, 3]


@pytest.mark.parametrize("content", [b"", b"GIF89a", MAGIC, MAGIC + b"\xff" * 16, MAGIC + bytes(16)])
def test_other_files_are_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    with pytest.raises(ColumnFileError):
        read_columns(path)


def test_a_file_stays_as_it_was_if_another_cant_be_written(
    path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_columns(path, {"format": 1}, COLUMNS)

    def fail(_descriptor: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        write_columns(path, {"format": 2}, COLUMNS)
    assert read_columns(path)[0] == {"format": 1}
    assert list(path.parent.iterdir()) == [path]


def test_columns_that_are_read_outlive_the_file(path: Path) -> None:
    write_columns(path, {}, COLUMNS)
    _, columns = read_columns(path)
    write_columns(path, {}, {"ids": memoryview(array("q", [7]))})
    path.unlink()

    assert columns["ids"].tolist() == [1, -2, 3]
